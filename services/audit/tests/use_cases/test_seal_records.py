"""Sealing: what is new, once, and nothing wrong after a kill at any moment."""

from dataclasses import replace

import pytest

from aktenfluss.audit.domain.checkpoint import CheckpointCopy
from aktenfluss.audit.domain.errors import AuditLogDamagedError


class KilledError(Exception):
    """Ends a run where a kill -9 would."""


class KilledArchive:
    """The archive, until the process dies before one of its steps."""

    def __init__(self, archive, step):
        self._archive = archive
        self._step = step

    def __getattr__(self, name):
        if name == self._step:
            raise KilledError
        return getattr(self._archive, name)


class BusyArchive:
    """The archive of a tenant whose records go on coming while a copy is written."""

    def __init__(self, log):
        self._log = log
        self._left = 20

    def __getattr__(self, name):
        return getattr(self._log.archive, name)

    async def complete(self, tenant_id, size, copy):
        self._left -= 1
        if self._left >= 0:
            await self._log.record("file-1", tenant_id=tenant_id)
        await self._log.archive.complete(tenant_id, size, copy)


class SlowInventory:
    """The inventory of a run that has finished what was interrupted, and is overtaken before it seals."""

    def __init__(self, inventory, overtake):
        self._inventory = inventory
        self._overtake = overtake

    async def unsealed_tenants(self):
        await self._overtake()
        return await self._inventory.unsealed_tenants()


def killed_before(log, step):
    return replace(log.seal, archive=KilledArchive(log.archive, step))


async def names(log):
    return sorted([name async for name in log.store.list("audit/")])


async def test_a_checkpoint_is_a_row_and_an_object(log, intruder):
    await log.fill(checkpoints=2, records=3)
    assert await names(log) == [f"audit/checkpoints/offenbach/{size:020}.json" for size in (3, 6)]
    assert [row["size"] for row in await intruder.fetch("SELECT size FROM audit_checkpoint ORDER BY number")] == [3, 6]


async def test_nothing_new_makes_no_checkpoint(log):
    await log.fill(checkpoints=1, records=3)
    assert await log.seal() == 0


async def test_much_that_is_new_is_sealed_in_parts(log):
    log.limit = 4
    await log.record(*["file-1"] * 10)
    assert await log.seal() == 3
    assert (await log.verify()).ok


async def test_what_comes_while_a_tenant_is_sealed_waits_for_the_next_run(log):
    busy = replace(log.seal, archive=BusyArchive(log))
    await log.record("file-1", tenant_id="hanau")
    await log.record("file-1")
    assert [await busy(), await busy()] == [2, 2]
    assert (await log.verify()).unsealed == 2


async def test_each_tenant_is_sealed_by_itself(log):
    await log.record("file-1", tenant_id="hanau")
    await log.record("file-1", "file-2")
    assert await log.seal() == 2
    assert await log.archive.tenants() == {"hanau", "offenbach"}


@pytest.mark.parametrize("step", ["is_complete", "prepare", "complete"])
async def test_a_kill_leaves_nothing_wrong(log, step):
    await log.fill(checkpoints=1, records=3)
    await log.record("file-1", "file-2")
    with pytest.raises(KilledError):
        await killed_before(log, step)()
    assert (await log.verify()).ok
    await log.record("file-1")
    await log.seal()
    report = await log.verify()
    assert (report.ok, report.records, report.unsealed) == (True, 6, 0)
    assert not [name for name in await names(log) if "prepared" in name]


async def test_a_kill_of_two_runs_at_once_leaves_nothing_wrong(log):
    async def overtake():
        await log.record("file-1", "file-2")
        with pytest.raises(KilledError):
            await killed_before(log, "complete")()
        await log.record("file-1")

    with pytest.raises(KilledError):
        await replace(killed_before(log, "complete"), inventory=SlowInventory(log.inventory, overtake))()
    assert (await log.verify()).ok
    await log.seal()
    assert await names(log) == [f"audit/checkpoints/offenbach/{size:020}.json" for size in (2, 3)]
    assert (await log.verify()).ok


async def test_an_object_in_the_place_of_a_copy_is_not_written_over(log):
    async def one(content):
        yield content

    await log.fill(checkpoints=1, records=2)
    await log.archive.prepare("offenbach", 2, await log.archive.read("offenbach", 2))
    (place,) = [name for name in await names(log) if "prepared" not in name]
    await log.store.write(place, one(b"put here by somebody"))
    await log.seal()
    assert [chunk async for chunk in log.store.read(place)] == [b"put here by somebody"]


async def test_a_kill_before_the_prepared_copy_is_dropped_leaves_nothing(log):
    await log.fill(checkpoints=1, records=2)
    await log.archive.prepare("offenbach", 2, await log.archive.read("offenbach", 2))
    await log.seal()
    assert await names(log) == ["audit/checkpoints/offenbach/00000000000000000002.json"]


async def test_a_kill_before_the_commit_is_forgotten(log):
    await log.record("file-1")
    await log.archive.prepare("offenbach", 1, CheckpointCopy("of a checkpoint that was never committed", ()))
    await log.seal()
    assert await names(log) == ["audit/checkpoints/offenbach/00000000000000000001.json"]
    assert (await log.verify()).ok


async def test_only_one_sealer_works_on_a_tenant(log, intruder):
    await log.record("file-1")
    await log.archive.prepare("offenbach", 9, CheckpointCopy())
    async with intruder.transaction():
        await intruder.execute("SELECT pg_advisory_xact_lock(hashtextextended('seal offenbach', 0))")
        assert await log.seal() == 0
    assert await log.seal() == 1


@pytest.mark.parametrize(
    ("statement", "detail"),
    [
        ("UPDATE audit_checkpoint SET root = frontier || root", "is not what was signed"),
        ("UPDATE audit_checkpoint SET signature = 'e30.e30.e30'", "is not what was signed"),
        ("DELETE FROM audit_record WHERE position = 4", "position 4 of tenant offenbach is missing"),
    ],
)
async def test_a_damaged_log_is_not_sealed_over(log, intruder, statement, detail):
    await log.fill(checkpoints=1, records=3)
    await log.record("file-1", "file-1")
    await intruder.execute(statement)
    await log.record("file-1", tenant_id="hanau")
    with pytest.raises(AuditLogDamagedError, match=detail):
        await log.seal()
    assert (await log.verify("hanau")).unsealed == 0


@pytest.mark.parametrize("name", ["", "Nobody", "zwingenberg 2"])
async def test_records_of_a_tenant_that_cannot_be_hold_up_no_other(log, intruder, name):
    for tenant_id in ("dreieich", "hanau", "offenbach"):
        await log.record("file-1", tenant_id=tenant_id)
    await intruder.execute("UPDATE audit_record SET tenant_id = $1 WHERE tenant_id = 'hanau'", name)
    with pytest.raises(AuditLogDamagedError, match=f"tenant '{name}', which cannot exist"):
        await log.seal()
    assert await log.archive.tenants() == {"dreieich", "offenbach"}


async def test_a_gap_wider_than_a_checkpoint_is_not_taken_for_the_end(log, intruder):
    await log.record(*["file-1"] * 6)
    await intruder.execute("DELETE FROM audit_record WHERE position < 6")
    log.limit = 2
    with pytest.raises(AuditLogDamagedError, match="position 1 of tenant offenbach is missing"):
        await log.seal()


async def test_a_copy_whose_row_was_deleted_is_not_overwritten(log, intruder):
    await log.fill(checkpoints=1, records=3)
    await intruder.execute("DELETE FROM audit_checkpoint")
    with pytest.raises(AuditLogDamagedError, match="its copy is not"):
        await log.seal()
    assert not (await log.verify()).ok
