"""Verifying for auditors: however many ask at once, the log of an authority is read once."""

import asyncio

import pytest

from aktenfluss.audit.use_cases.verify_log import VerifyLog
from aktenfluss.audit.use_cases.verify_own_log import VerifyOwnLog
from aktenfluss.kernel import Principal
from aktenfluss.servicekit import ReadLog

AUDITOR = Principal("user-7", "offenbach")


class GuardedInventory:
    """The inventory behind a door: verifications are noted as they begin, and go on once it is open."""

    def __init__(self, inventory):
        self._inventory = inventory
        self.begun = []
        self.first = asyncio.Event()
        self.door = asyncio.Event()

    def __getattr__(self, name):
        return getattr(self._inventory, name)

    async def checkpoints(self, tenant_id, after, limit):
        if after is None:
            self.begun.append(tenant_id)
            self.first.set()
            await self.door.wait()
        return await self._inventory.checkpoints(tenant_id, after, limit)


@pytest.fixture
def inventory(log):
    return GuardedInventory(log.inventory)


@pytest.fixture
def verify(log, inventory):
    return VerifyOwnLog(VerifyLog(inventory, log.archive, log.signer), ReadLog(log.database, log.clock))


async def test_who_asks_while_a_verification_runs_gets_its_report(log, inventory, verify, intruder):
    await log.fill(checkpoints=1, records=3)
    async with asyncio.TaskGroup() as group:
        asked = [group.create_task(verify(AUDITOR)) for _ in range(3)]
        await inventory.first.wait()
        inventory.door.set()
    assert inventory.begun == ["offenbach"]
    assert [task.result().records for task in asked] == [3, 3, 3]
    assert await intruder.fetchval("SELECT count(*) FROM outbox WHERE type LIKE '%audit-log-verified.v1'") == 3


async def test_who_leaves_ends_it_for_nobody_else(log, inventory, verify):
    await log.fill(checkpoints=1, records=3)
    leaving, staying = (asyncio.create_task(verify(AUDITOR)) for _ in range(2))
    await inventory.first.wait()
    leaving.cancel()
    inventory.door.set()
    assert (await staying).records == 3
    assert leaving.cancelled()


async def test_no_authority_waits_for_another(log, inventory, verify):
    async with asyncio.TaskGroup() as group:
        for tenant_id in ("hanau", "offenbach"):
            group.create_task(verify(Principal("user-7", tenant_id)))
        await inventory.first.wait()
        inventory.door.set()
    assert sorted(inventory.begun) == ["hanau", "offenbach"]


async def test_who_asks_after_it_has_the_log_read_anew(log, inventory, verify, intruder):
    inventory.door.set()
    await log.fill(checkpoints=1, records=3)
    assert (await verify(AUDITOR)).ok
    await intruder.execute("UPDATE audit_record SET actor = 'nobody' WHERE position = 2")
    assert (await verify(AUDITOR)).first_bad.position == 2
