"""Reads over all tenants."""

from aktenfluss.audit.adapters.queries import SqlAuditQueries
from aktenfluss.kernel import Principal


async def test_tenants_are_those_with_records_or_checkpoints(log, intruder):
    for tenant_id in ("hanau", "offenbach", "dreieich"):
        await log.fill(checkpoints=1, records=2, tenant_id=tenant_id)
    await intruder.execute("DELETE FROM audit_record WHERE tenant_id = 'hanau'")
    assert await log.inventory.tenants() == {"dreieich", "hanau", "offenbach"}


async def test_an_empty_log_has_no_tenants(log):
    assert await log.inventory.tenants() == set()
    assert await log.inventory.unsealed_tenants() == []


async def test_unsealed_are_those_with_records_behind_their_checkpoint(log):
    await log.fill(checkpoints=1, records=2, tenant_id="hanau")
    await log.record("file-1", tenant_id="offenbach")
    assert await log.inventory.unsealed_tenants() == ["offenbach"]


async def test_records_come_in_pages_with_the_one_before_them_in_their_chain(log):
    await log.record("file-1", "file-2", "file-1", "file-2")
    first = await log.inventory.records("offenbach", None, 3)
    rest = await log.inventory.records("offenbach", 3, 3)
    places = [(linked.record.position, linked.predecessor_position) for linked in [*first, *rest]]
    assert places == [(1, None), (2, None), (3, 1), (4, 2)]
    assert rest[0].predecessor_hash == first[1].record.hash


async def test_checkpoints_come_in_pages(log):
    await log.fill(checkpoints=3, records=2)
    pages = [await log.inventory.checkpoints("offenbach", after, 2) for after in (None, 2, 3)]
    assert [[row.checkpoint.number for row in page] for page in pages] == [[1, 2], [3], []]


async def test_a_caller_sees_his_own_authority_only(log):
    await log.fill(checkpoints=1, records=3, tenant_id="hanau")
    queries, stranger = SqlAuditQueries(log.database), Principal("user-7", "offenbach")
    assert await queries.chain(stranger, "file-0", 0, 99, 99) == []
    assert await queries.chain_length(stranger, "file-0") == 0
    assert await queries.checkpoints(stranger, 99, 99) == []


async def test_a_chain_is_read_from_place_to_place(log):
    await log.record(*["file-1"] * 5)
    queries, auditor = SqlAuditQueries(log.database), Principal("user-7", "offenbach")
    assert [record.chain_seq for record in await queries.chain(auditor, "file-1", 1, 4, 2)] == [2, 3]
    assert [record.chain_seq for record in await queries.chain(auditor, "file-1", 3, 4, 2)] == [4]
