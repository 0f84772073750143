"""The ledger of effects where the product runs as it is shipped: kept by the databases, not by a patched process.

A row of the inbox is written in the transaction of its effect, in the order of the effects; a trigger notes each. That an
effect has happened twice is then told by the records themselves, and by `make faults`, whose ledger is the effect's own.
"""

from collections.abc import Mapping

import psycopg
from psycopg import sql
from tests.faults.invariants import CONSUMED, SERVICES, Books
from tests.faults.ledger import create_ledger
from tests.faults.shape import Shape

KEEP = """
CREATE OR REPLACE FUNCTION note_effect() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO fault_ledger (event_id, subject, version) VALUES (NEW.id, '', 0);
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER note_effect AFTER INSERT ON inbox FOR EACH ROW EXECUTE FUNCTION note_effect();
"""
BELONG = sql.SQL("ALTER TABLE fault_ledger OWNER TO {}")
COMPLETE = (
    "UPDATE fault_ledger SET subject = %(subject)s, version = %(version)s WHERE event_id = %(id)s AND version = 0"
)


def keep_ledger(database_urls: Mapping[str, str]) -> None:
    """Let the database of each service note every effect from now on; like all that is in it, its owner's backup reads it."""
    for service, url in database_urls.items():
        create_ledger(url)
        with psycopg.connect(url) as connection:
            connection.execute(KEEP)
            connection.execute(BELONG.format(sql.Identifier(f"{service}_owner")))


def complete_ledger(shape: Shape) -> None:
    """Write beside each effect what it was about, as the outboxes tell."""
    books = Books(shape)
    events = [event for service in SERVICES for event in books.events(service)]
    for consumer in CONSUMED:
        with psycopg.connect(shape.database_url(consumer)) as connection, connection.cursor() as cursor:
            cursor.executemany(COMPLETE, events)
