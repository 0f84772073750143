"""A ledger of effects: a consumer's side effect that is not idempotent, so that none and two can be told from one."""

from typing import Any

import psycopg

from aktenfluss.kernel import Event
from aktenfluss.servicekit import Inbox
from aktenfluss.servicekit.events.inbox import NOBODY

from .patching import replace

CREATE = """
CREATE TABLE IF NOT EXISTS fault_ledger (
    seq bigint GENERATED ALWAYS AS IDENTITY, event_id uuid NOT NULL, subject text NOT NULL, version integer NOT NULL);
GRANT SELECT, INSERT ON fault_ledger TO PUBLIC;
"""
NOTE = "INSERT INTO fault_ledger (event_id, subject, version) VALUES ($1, $2, $3)"


def create_ledger(database_url: str) -> None:
    """Make the table in the database of a service."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(CREATE)


def keep_ledger() -> None:
    """Let every inbox of this process note each effect in the transaction of the effect."""
    handle = Inbox._handle

    async def handle_and_note(self: Any, event: Event) -> None:
        await handle(self, event)
        async with self._database.transaction(NOBODY) as tx:
            await tx.connection.execute(NOTE, event.id, event.subject, event.aggregate_version)

    replace(Inbox, "_handle", handle_and_note)
