"""Disturbances that a sound product survives: slow commits, a bus that refuses, events told twice, handlers that fail."""

import asyncio
import random
import zlib
from collections import Counter
from typing import Any

from aktenfluss.kernel import Event
from aktenfluss.servicekit import Inbox, ServiceUnavailableError
from aktenfluss.servicekit.database import outbox
from aktenfluss.servicekit.events.postgres_bus import PostgresConsumer, PostgresEventBus

from .patching import replace

LONGEST_COMMIT_SECONDS = 0.15
REFUSED_OF = 4
FAILING_OF = 23
FAILURES = 5
"""So often a handler fails: with the batch, three times alone, and when it is retried for the first time."""


def slow_commits() -> None:
    """Let some time pass between the rows of the outbox and their commit, for another transaction to be faster."""
    append = outbox.append

    async def append_slowly(connection: Any, events: Any) -> None:
        await append(connection, events)
        await asyncio.sleep(random.random() * LONGEST_COMMIT_SECONDS)

    replace(outbox, "append", append_slowly)


def refusing_bus() -> None:
    """Let the bus refuse one publication of some."""
    publish, calls = PostgresEventBus.publish, Counter[str]()

    async def refuse_or_publish(self: Any, events: Any) -> Any:
        calls["publish"] += 1
        if calls["publish"] % REFUSED_OF == 0:
            raise ServiceUnavailableError("the event bus does not answer")
        return await publish(self, events)

    replace(PostgresEventBus, "publish", refuse_or_publish)


def slow_bus() -> None:
    """Let publications take unequally long."""
    publish = PostgresEventBus.publish

    async def publish_slowly(self: Any, events: Any) -> Any:
        await asyncio.sleep(random.random() * 0.1)
        return await publish(self, events)

    replace(PostgresEventBus, "publish", publish_slowly)


def events_twice() -> None:
    """Publish each batch twice, as a relay does that died before it marked the first."""
    publish = PostgresEventBus.publish

    async def publish_twice(self: Any, events: Any) -> Any:
        await publish(self, events)
        return await publish(self, events)

    replace(PostgresEventBus, "publish", publish_twice)


def failing_handlers() -> None:
    """Let the handlers of some events fail until an operator has them retried."""
    handle, failures = Inbox._handle, Counter[object]()

    async def fail_or_handle(self: Any, event: Event) -> None:
        if zlib.crc32(event.id.bytes) % FAILING_OF == 0 and failures[self._name, event.id] < FAILURES:
            failures[self._name, event.id] += 1
            raise ValueError("a disturbance")
        await handle(self, event)

    replace(Inbox, "_handle", fail_or_handle)


def lost_connections() -> None:
    """Let the consumers lose their connection now and then before they note how far they are."""
    commit = PostgresConsumer.commit

    async def commit_or_lose(self: Any, *batches: Any) -> None:
        if random.random() < 1 / REFUSED_OF:
            raise ServiceUnavailableError("the event bus does not answer")
        await commit(self, *batches)

    replace(PostgresConsumer, "commit", commit_or_lose)


DISTURBANCES = {
    "slow-commits": slow_commits,
    "refusing-bus": refusing_bus,
    "slow-bus": slow_bus,
    "events-twice": events_twice,
    "failing-handlers": failing_handlers,
    "lost-connections": lost_connections,
}
