"""The planted bugs: each one is a patch from outside, and each one must be found by the gate."""

import asyncio
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from aktenfluss.audit.use_cases.append_record import AppendRecord
from aktenfluss.documents.domain.verification import Arrival, Expected
from aktenfluss.documents.use_cases.store_content import StoreContent
from aktenfluss.kernel import Event
from aktenfluss.servicekit import FileStore, Inbox, ReadLog, Relay, ServiceUnavailableError
from aktenfluss.servicekit.database import outbox
from aktenfluss.servicekit.events import inbox, parking, relay
from aktenfluss.servicekit.http.idempotency import Attempt

from .patching import replace

LATE_SECONDS = 1.0
UNEVEN_SECONDS = 0.1
tasks: set[asyncio.Task[None]] = set()


@dataclass(frozen=True, slots=True)
class Bug:
    """A bug, and under which circumstances it shows: failpoints to die at, disturbances, or kills at random."""

    plant: Callable[[], None]
    fail_at: tuple[str, ...] = ()
    disturb: tuple[str, ...] = ()
    kills: int = 0


def later(work: Any) -> None:
    """Do `work` after the answer, when it is too late."""

    async def wait_and_do() -> None:
        await asyncio.sleep(LATE_SECONDS)
        await work

    task = asyncio.create_task(wait_and_do())
    tasks.add(task)
    task.add_done_callback(tasks.discard)


def mark_before_publish() -> None:
    async def carry_waiting(self: Any, connection: Any, held: list[int], _: float) -> int:
        entries = await outbox.pending(connection, self._slots, held, relay.BATCH)
        if not entries:
            return 0
        await outbox.mark(connection, entries, {entry.event.id for entry in entries})
        return len(await self._bus.publish([entry.event for entry in entries]))

    replace(Relay, "_carry_waiting", carry_waiting)


def skip_on_error() -> None:
    carry = Relay._carry_waiting

    async def carry_or_skip(self: Any, connection: Any, held: list[int], until: float) -> int:
        try:
            return await carry(self, connection, held, until)
        except ServiceUnavailableError:
            entries = await outbox.pending(connection, self._slots, held, relay.BATCH)
            await outbox.mark(connection, entries, {entry.event.id for entry in entries})
            return len(entries)

    replace(Relay, "_carry_waiting", carry_or_skip)


def two_relays_without_slots() -> None:
    """Each takes what the other has not locked, as the popular `SKIP LOCKED` queue does."""
    run = Relay.run
    locked = outbox.PENDING.replace("LIMIT $3", "LIMIT least($3::integer, 1) FOR UPDATE SKIP LOCKED")

    async def run_twice(self: Any) -> None:
        async with asyncio.TaskGroup() as group:
            for _ in range(2):
                group.create_task(run(self))

    async def every_slot(_: Any, slots: int, __: list[int]) -> list[int]:
        return list(range(slots))

    async def carry_locked(self: Any, connection: Any, held: list[int], _: float) -> int:
        async with connection.transaction():
            rows = await connection.fetch(locked, self._slots, held, relay.BATCH, [])
            entries = [outbox.Pending(row["seq"], outbox.event_of(row)) for row in rows]
            if not entries:
                return 0
            await asyncio.sleep(random.random() * UNEVEN_SECONDS)
            published = await self._bus.publish([entry.event for entry in entries])
            await outbox.mark(connection, entries, published)
        return len(entries)

    replace(Relay, "run", run_twice)
    replace(Relay, "_carry_waiting", carry_locked)
    replace(relay, "take_slots", every_slot)


def cursor_based_poller() -> None:
    """Read behind the highest number it has seen: what is committed late with a lower number is never read."""
    behind = outbox.PENDING.replace("published_at IS NULL", "seq > $5")
    last: dict[Any, int] = {}
    highest = "SELECT coalesce(max(seq), 0) FROM outbox WHERE published_at IS NOT NULL"

    async def pending_behind(
        connection: Any, slots: int, held: Any, limit: int, besides: Any = ()
    ) -> list[outbox.Pending]:
        if connection not in last:
            last[connection] = await connection.fetchval(highest)
        rows = await connection.fetch(
            behind, slots, list(held), limit, [entry.seq for entry in besides], last[connection]
        )
        last[connection] = rows[-1]["seq"] if rows else last[connection]
        return [outbox.Pending(row["seq"], outbox.event_of(row)) for row in rows]

    replace(outbox, "pending", pending_behind)


def no_inbox() -> None:
    replace(inbox, "SEEN", "SELECT unnest($1::uuid[]) AS id")


def offset_before_effect() -> None:
    async def take(self: Any, consumer: Any, batches: Any) -> None:
        await consumer.commit(*batches)
        await self._apply([event for batch in batches for event in self._handled(batch)])

    replace(Inbox, "_take", take)


def park_alone() -> None:
    """Later events of the same key overtake a parked one."""

    async def none(_: Any, __: Any) -> set[str]:
        return set()

    replace(parking, "parked_keys", none)


def drop_instead_of_park() -> None:
    async def drop(_: Any, __: Any, ___: str) -> None:
        """Forget it."""

    replace(parking, "park", drop)


def acknowledge_before_write() -> None:
    write = FileStore.write

    async def take(self: Any, key: str, chunks: Any) -> None:
        pieces = [piece async for piece in chunks]

        async def again():
            for piece in pieces:
                yield piece

        later(write(self, key, again()))

    replace(FileStore, "write", take)


def commit_after_response() -> None:
    async def answer_first(self: Any, principal: Any, digest: str, size_bytes: int | None, pieces: Any) -> bool:
        if await self.is_stored(principal, digest):
            return False
        content = await self.write(principal, Expected(digest, size_bytes, self.limit_bytes), pieces)

        async def record() -> None:
            async with self.units.begin(principal) as tx:
                await self.record(tx, content)

        later(record())
        return True

    replace(StoreContent, "__call__", answer_first)


def no_digest_check() -> None:
    def conclude(_: Any) -> None:
        """Believe the sender."""

    replace(Arrival, "_conclude", conclude)


def no_idempotency_key() -> None:
    async def nothing(_: Any, __: Any) -> None:
        """Find no kept answer."""

    async def keep(_: Any, __: Any, response: Any) -> Any:
        return response

    replace(Attempt, "claim", nothing)
    replace(Attempt, "keep", keep)


def audit_drop() -> None:
    append = AppendRecord.__call__

    async def append_or_drop(self: Any, event: Event) -> None:
        if random.random() < 0.95:
            await append(self, event)

    replace(AppendRecord, "__call__", append_or_drop)


def answer_before_read_is_recorded() -> None:
    record = ReadLog.record

    async def record_later(self: Any, principal: Any, data: Any, **place: Any) -> None:
        later(record(self, principal, data, **place))

    replace(ReadLog, "record", record_later)


PLANTED: Mapping[str, Bug] = {
    "mark-before-publish": Bug(mark_before_publish, fail_at=("before_publish",)),
    "no-inbox": Bug(no_inbox, fail_at=("after_effect_before_offset",)),
    "acknowledge-before-fsync": Bug(acknowledge_before_write, kills=2),
    "commit-after-response": Bug(commit_after_response, kills=2),
    "two-relays-without-slots": Bug(two_relays_without_slots),
    "cursor-based-poller": Bug(cursor_based_poller, disturb=("slow-commits",)),
    "no-digest-check": Bug(no_digest_check),
    "skip-on-error": Bug(skip_on_error, disturb=("refusing-bus",)),
    "offset-before-effect": Bug(offset_before_effect, fail_at=("before_effect",)),
    "park-alone": Bug(park_alone, disturb=("failing-handlers",)),
    "drop-instead-of-park": Bug(drop_instead_of_park, disturb=("failing-handlers",)),
    "no-idempotency-key": Bug(no_idempotency_key, fail_at=("after_document_before_mark",)),
    "audit-drop": Bug(audit_drop),
    "answer-before-read-is-recorded": Bug(answer_before_read_is_recorded, kills=2),
}
