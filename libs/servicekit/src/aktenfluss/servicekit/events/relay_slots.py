"""How the relays of one service share its outbox: each holds some slots, no two hold the same hash of a key.

A slot locks every hash that belongs to it, for its session (ADR 0005). So relays that count the slots differently, while the
setting is changed process by process, exclude each other too.
"""

from collections.abc import Sequence

from ..database.connection import Connection
from ..database.outbox import SLOT_COUNT

LOCK_SPACE = 0x4146
"""First key of the advisory locks, so that they meet no other use of such locks."""
PRESENCE = SLOT_COUNT
"""Second key of the lock that all relays share, so that they can be counted."""

BE_COUNTED = "SELECT pg_advisory_lock_shared($1, $2)"
COUNT = """
SELECT count(*) FROM pg_locks
WHERE locktype = 'advisory' AND classid::bigint = $1 AND objid::bigint = $2 AND objsubid = 2 AND granted
  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""
TRY_LOCKS = "SELECT hash FROM unnest($2::integer[]) hash WHERE pg_try_advisory_lock($1, hash)"
UNLOCK = "SELECT pg_advisory_unlock($1, hash) FROM unnest($2::integer[]) hash"


async def join_relays(connection: Connection) -> None:
    """Let this session be counted as a relay until it ends."""
    await connection.execute(BE_COUNTED, LOCK_SPACE, PRESENCE)


async def take_slots(connection: Connection, slots: int, held: Sequence[int]) -> list[int]:
    """Return the slots that this session holds from now on: as many as its share of `slots`, as far as they are free.

    `held` are those it held until now; call it between two batches only, it may give some back.
    """
    relays = await connection.fetchval(COUNT, LOCK_SPACE, PRESENCE)
    share = -(-slots // relays)
    for slot in held[share:]:
        await _unlock(connection, list(hashes_of(slot, slots)))
    kept = list(held[:share])
    for slot in range(slots):
        if len(kept) < share and slot not in kept and await _try_slot(connection, hashes_of(slot, slots)):
            kept.append(slot)
    return kept


def hashes_of(slot: int, slots: int) -> range:
    """Return the hashes of keys that belong to `slot`."""
    return range(slot, SLOT_COUNT, slots)


async def _try_slot(connection: Connection, hashes: range) -> bool:
    """Lock all hashes, or none."""
    locked = [row["hash"] for row in await connection.fetch(TRY_LOCKS, LOCK_SPACE, list(hashes))]
    if len(locked) < len(hashes):
        await _unlock(connection, locked)
    return len(locked) == len(hashes)


async def _unlock(connection: Connection, hashes: list[int]) -> None:
    await connection.execute(UNLOCK, LOCK_SPACE, hashes)
