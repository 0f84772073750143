"""The periodic job, and the command line's ways to verify and to restore."""

import stat
from datetime import UTC, datetime

import croniter
import pytest

from aktenfluss.audit.api.jobs import EVERY_FIVE_SECONDS
from aktenfluss.audit.service import restorable, verification
from aktenfluss.audit.settings import AuditSettings
from aktenfluss.contracts.audit import AuditLogVerified
from aktenfluss.kernel import Principal


@pytest.fixture
async def audit(house):
    return await house.start("audit")


def test_records_are_unsealed_for_less_than_ten_seconds():
    times = croniter.croniter(EVERY_FIVE_SECONDS, datetime(2026, 3, 2, 8, 0, 3, tzinfo=UTC))
    assert [times.get_next(datetime).second for _ in range(3)] == [5, 10, 15]


async def test_the_job_is_registered_once_and_never_piles_up(audit):
    ((name, _),) = audit.service.jobs.periodic_registry.periodic_tasks
    task = audit.service.jobs.tasks[name]
    assert (name, task.queueing_lock, task.lock) == ("seal_audit_records", "seal_audit_records", None)


async def test_a_worker_seals_what_is_new(audit):
    principal = Principal("user-7", "offenbach")
    await audit.resources.reads.record(
        principal, AuditLogVerified(record_count=0, unsealed_count=0), key="k", subject="k", version=0
    )
    await audit.drain()
    async with audit.service.jobs.open_async():
        await audit.service.jobs.tasks["seal_audit_records"].defer_async(timestamp=0)
    await audit.drain()
    assert [key async for key in audit.resources.store.list("audit/")] == [
        "audit/checkpoints/offenbach/00000000000000000001.json"
    ]


async def test_the_key_is_made_at_the_first_start_for_its_owner_only(audit, house):
    key = house.folder / "keys" / "audit.pem"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600


async def test_the_command_line_verifies_all_authorities(audit, house):
    report = await verification(AuditSettings(data_folder=house.folder), audit.resources)()
    assert (report.ok, report.records) == (True, 0)


async def test_a_copy_of_no_checkpoint_stays_in_the_backup_and_every_other_object_is_restored(audit):
    others = {"contents/ab", "audit/checkpoints/offenbach/99999999999999999999.json"}
    names = [f"audit/checkpoints/offenbach/{7:020}.json", *others]
    assert await restorable(audit.resources)(names) == others


async def test_every_service_is_listened_to(audit):
    assert audit.service.subscriptions.services == {"audit", "cases", "documents", "scans"}
    assert set(audit.service.subscriptions.handlers) == {"*"}
