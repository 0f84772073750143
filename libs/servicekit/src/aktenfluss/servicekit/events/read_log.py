"""The read log: tells who read what, durable before the answer leaves, at the cost of one commit for many readers."""

import asyncio
from typing import NamedTuple

import structlog

from aktenfluss.kernel import Clock, Event, EventData, Principal, Problem

from ..database import outbox
from ..database.database import Database
from ..errors import ServiceUnavailableError

log = structlog.get_logger("read_log")


class Entry(NamedTuple):
    """A read and the reader who waits until it is durable."""

    event: Event
    durable: asyncio.Future[None]


class ReadLog:
    """Writes reads to the outbox; those that arrive while one commit runs share the next."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._waiting: list[Entry] = []
        self._writer: asyncio.Task[None] | None = None

    async def record(
        self, principal: Principal, data: EventData, *, key: object, subject: object, version: int
    ) -> None:
        """Return when the read is durable in the outbox.

        Raises ServiceUnavailableError or StorageFullError: then the caller must not get what he asked for.
        """
        event = outbox.fact(principal, self._clock, data, key=key, subject=subject, version=version)
        entry = Entry(event, asyncio.get_running_loop().create_future())
        self._waiting.append(entry)
        if self._writer is None:
            self._writer = asyncio.create_task(self._write())
        await entry.durable

    async def _write(self) -> None:
        """Commit what waits, again and again until nothing does."""
        try:
            while self._waiting:
                entries, self._waiting = self._waiting, []
                await self._commit(entries)
        finally:
            self._writer = None

    async def _commit(self, entries: list[Entry]) -> None:
        failure: Problem | None = ServiceUnavailableError("the read could not be recorded")
        try:
            async with self._database.session() as connection:
                await outbox.append(connection, [entry.event for entry in entries])
            failure = None
            self._database.committed_facts.set()
        except Problem as exc:
            failure = exc
        except Exception:  # whatever it is: who reads meanwhile must not wait for ever
            log.exception("reads not recorded")
        finally:
            for entry in entries:
                settle(entry.durable, failure)


def settle(durable: asyncio.Future[None], failure: Problem | None) -> None:
    """Answer a reader, unless he is gone."""
    if durable.done():
        return
    if failure is None:
        durable.set_result(None)
    else:
        durable.set_exception(failure)
