"""The relay: carries committed facts from the outbox to the bus, none lost, each key in order.

Several relays share the slots by advisory locks of their session: a slot has one relay.
"""

import asyncio
import math
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import ExitStack, asynccontextmanager
from uuid import UUID

import asyncpg
import structlog

from aktenfluss.kernel import RETRYABLE, Event, Problem

from ..database import outbox
from ..database.connection import UNAVAILABLE, Connection, heed_cancellation, set_codecs
from ..database.session import open_session
from ..tracing import UNTRACED, Kind, Tracer, told_of
from .event_bus import EventBus
from .relay_slots import join_relays, take_slots

SLOTS = 4
BATCH = 500
COMMAND_SECONDS = 60
SHARE_SECONDS = 1.0
"""How often a relay looks whether others came or went."""
IDLE_SECONDS = (0.05, 1.0)
BACK_OFF_SECONDS = (0.1, 5.0)
log = structlog.get_logger("relay")


class Relay:
    """Publishes what its slots of one service's outbox hold."""

    def __init__(
        self, dsn: str, bus: EventBus, committed: asyncio.Event, slots: int = SLOTS, tracer: Tracer = UNTRACED
    ) -> None:
        """Share the outbox in `slots` parts with the other relays of the service."""
        self._dsn = dsn
        self._bus = bus
        self._committed = committed
        self._slots = slots
        self._tracer = tracer
        self._back_off = BACK_OFF_SECONDS[0]

    async def run(self) -> None:
        """Carry events until cancelled; a database or bus that is lost, or has no room left, is waited for."""
        while True:
            try:
                async with self._connected() as connection:
                    await self._carry(connection)
            except (*UNAVAILABLE, asyncpg.InsufficientResourcesError, OSError, Problem) as exc:
                heed_cancellation()
                if isinstance(exc, Problem) and exc.kind not in RETRYABLE:
                    raise
                log.warning("relay waits", error=type(exc).__name__)
                await asyncio.sleep(self._back_off)
                self._back_off = min(2 * self._back_off, BACK_OFF_SECONDS[1])

    async def drain(self) -> int:
        """Carry what is there now and return how many events that were."""
        async with self._connected() as connection:
            held = await take_slots(connection, self._slots, [])
            carried = 0
            while sent := await self._carry_waiting(connection, held, math.inf):
                carried += sent
            return carried

    async def _carry(self, connection: Connection) -> None:
        now = asyncio.get_running_loop().time
        pause = IDLE_SECONDS[0]
        held: list[int] = []
        share_again = now()
        while True:
            self._committed.clear()
            if now() >= share_again:
                held = await take_slots(connection, self._slots, held)
                share_again = now() + SHARE_SECONDS
            if await self._carry_waiting(connection, held, share_again):
                pause, self._back_off = IDLE_SECONDS[0], BACK_OFF_SECONDS[0]
            elif not await waited_for(self._committed.wait, pause):
                pause = min(2 * pause, IDLE_SECONDS[1])

    async def _carry_waiting(self, connection: Connection, held: list[int], until: float) -> int:
        """Carry what waits, and begin no batch after `until`; return how many events the bus took.

        While a batch is on its way the one before is marked and the next one is read. That one is sent only if all of its
        predecessor was taken; marked it need not be: who goes on after a crash sends both again, in their order.
        """
        now = asyncio.get_running_loop().time
        carried = 0
        before: list[outbox.Pending] = []
        published: set[UUID] = set()
        entries = await outbox.pending(connection, self._slots, held, BATCH)
        while entries and now() < until:
            publishing = asyncio.create_task(self._publish([entry.event for entry in entries]))
            try:
                await outbox.mark(connection, before, published)
                following = await outbox.pending(connection, self._slots, held, BATCH, besides=entries)
                published = await publishing
            finally:
                await end(publishing)
            carried += len(published)
            before, entries = entries, following if len(published) == len(entries) else []
        await outbox.mark(connection, before, published)
        return carried

    async def _publish(self, events: list[Event]) -> set[UUID]:
        """Hand a batch to the bus, as a step of the trace of each event that has one."""
        with ExitStack() as steps:
            for event in events:
                if event.traceparent:
                    step = steps.enter_context(self._tracer.span("publish", Kind.PRODUCER, event.traceparent))
                    step.tell(f"publish {event.type}", told_of(event))
            return await self._bus.publish(events)

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[Connection]:
        connection = await open_session(self._dsn, COMMAND_SECONDS)
        try:
            await set_codecs(connection)
            await join_relays(connection)
            yield connection
        finally:
            await connection.close(timeout=5)


async def end(task: asyncio.Task[set[UUID]]) -> None:
    """Return when the task has ended, by itself or because of this."""
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def waited_for(wait: Callable[[], Awaitable[object]], seconds: float) -> bool:
    """Return whether `wait` ended within `seconds`."""
    try:
        async with asyncio.timeout(seconds):
            await wait()
    except TimeoutError:
        return False
    return True
