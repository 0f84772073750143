"""Each kind of tampering, done past every right, is found; the very record is named where a record was touched."""

import asyncio
import json
from dataclasses import replace

import pytest

from aktenfluss.audit.domain.finding import Report, Rule
from aktenfluss.audit.domain.record import Head
from aktenfluss.audit.use_cases.verify_log import VerifyLog
from aktenfluss.kernel import Principal

SEALED = 12  # records in three checkpoints of four, then two more that are not sealed


OFFENBACH = Principal.service("audit", "offenbach")


@pytest.fixture
async def sealed(log):
    await log.fill(checkpoints=3, records=4)
    await log.record("file-1", "file-2")
    return log


async def first_bad(log):
    report = await log.verify()
    assert not report.ok
    return report.first_bad.rule, report.first_bad.position


async def rewrite_from(log, intruder, position, statement):
    """Change the log as somebody does who knows the format: all later hashes and chains are made anew."""
    await intruder.execute(statement)
    heads, found = {}, await log.inventory.records("offenbach", None, 1000)
    for place, linked in enumerate(found, start=1):
        event = log.event(linked.record.chain_key)
        chain_seq, chain_hash = heads.get(event.key, (0, bytes(32)))
        old = linked.record
        new = old
        if place >= position:
            new = replace(old, position=place, chain_seq=chain_seq + 1, previous_hash=chain_hash)
            new = replace(new, hash=new.computed_hash())
            await intruder.execute(
                "UPDATE audit_record SET position = $2, chain_seq = $3, previous_hash = $4, hash = $5 WHERE event_id = $1",
                new.event_id,
                new.position,
                new.chain_seq,
                new.previous_hash,
                new.hash,
            )
        heads[event.key] = (new.chain_seq, new.hash)


async def test_an_untouched_log_verifies(sealed):
    report = await sealed.verify()
    assert (report.ok, report.first_bad) == (True, None)
    assert (report.records, report.checkpoints, report.unsealed) == (14, 3, 2)
    assert report.sealed_until is not None


async def test_an_empty_installation_verifies(log):
    assert await log.verify() == Report()


async def test_batches_change_nothing(sealed):
    assert await sealed.verify(batch=1) == await sealed.verify(batch=3) == await sealed.verify()


class TogetherArchive:
    """Gives copies of checkpoints when so many are asked for at once."""

    def __init__(self, archive, together):
        self._archive = archive
        self._together = asyncio.Barrier(together)

    async def read(self, tenant_id, size):
        await self._together.wait()
        return await self._archive.read(tenant_id, size)

    def __getattr__(self, name):
        return getattr(self._archive, name)


async def test_a_slow_store_is_asked_for_many_copies_at_once(sealed):
    async with asyncio.timeout(10):
        report = await VerifyLog(sealed.inventory, TogetherArchive(sealed.archive, 3), sealed.signer)("offenbach")
    assert report == await sealed.verify()


@pytest.mark.parametrize(
    "change",
    [
        "actor = 'user-8'", "payload = '{}'", "occurred_at = 'infinity'", "occurred_at = '-infinity'", "occurred_at = '294000-01-01'", "occurred_at = '294276-12-31'", "occurred_at = '4000-01-01 BC'", "occurred_at = occurred_at + interval '1 us'",
        "type = 'x'", "correlation_id = ''", "subject = 'x'", "aggregate_version = 99", "event_id = gen_random_uuid()",
        "chain_key = 'file-9'", "chain_seq = 77", "previous_hash = ''", "hash = sha256('x')",
    ],
)  # fmt: skip
@pytest.mark.parametrize("position", [6, 14])
async def test_a_changed_column_is_found_at_its_record(sealed, intruder, change, position):
    await intruder.execute(f"UPDATE audit_record SET {change} WHERE position = {position}")
    event_id = await intruder.fetchval(f"SELECT event_id FROM audit_record WHERE position = {position}")
    finding = (await sealed.verify()).first_bad
    assert (finding.rule, finding.position, finding.event_id) == (Rule.RECORD_CHANGED, position, event_id)


@pytest.mark.parametrize("position", [1, 5, SEALED])
async def test_a_changed_record_with_its_hash_made_anew_is_found_at_its_record(sealed, intruder, position):
    await rewrite_from(
        sealed, intruder, position, f"UPDATE audit_record SET actor = 'user-8' WHERE position = {position}"
    )
    assert await first_bad(sealed) == (Rule.RECORD_REPLACED, position)


@pytest.mark.parametrize(
    ("position", "rule"), [(1, Rule.RECORD_MISSING), (7, Rule.RECORD_MISSING), (SEALED, Rule.RECORD_MISSING)]
)
async def test_a_deleted_record_is_missed_at_its_place(sealed, intruder, position, rule):
    await intruder.execute(f"DELETE FROM audit_record WHERE position = {position}")
    assert await first_bad(sealed) == (rule, position)


async def test_a_gap_is_found_however_small_the_batches(sealed, intruder):
    await intruder.execute("DELETE FROM audit_record WHERE position = 13")
    finding = (await sealed.verify(batch=1)).first_bad
    assert (finding.rule, finding.position) == (Rule.RECORD_MISSING, 13)


async def test_a_deleted_record_whose_followers_moved_up_is_found_at_its_place(sealed, intruder):
    await rewrite_from(sealed, intruder, 6, "DELETE FROM audit_record WHERE position = 6")
    assert await first_bad(sealed) == (Rule.RECORD_REPLACED, 6)


async def test_the_last_records_deleted_with_their_checkpoint_are_missed(sealed, intruder):
    await intruder.execute("DELETE FROM audit_record WHERE position > 7; DELETE FROM audit_checkpoint WHERE size > 7")
    assert await first_bad(sealed) == (Rule.RECORD_MISSING, 8)


async def test_an_emptied_table_is_found(sealed, intruder):
    await intruder.execute("TRUNCATE audit_record")
    assert await first_bad(sealed) == (Rule.RECORD_MISSING, 1)


async def test_both_tables_emptied_are_found(sealed, intruder):
    await intruder.execute("TRUNCATE audit_record, audit_checkpoint")
    assert await first_bad(sealed) == (Rule.RECORD_MISSING, 1)


async def test_a_log_begun_anew_is_found(sealed, intruder):
    await intruder.execute("TRUNCATE audit_record, audit_checkpoint")
    await sealed.record(*["file-1"] * 5)
    assert await first_bad(sealed) == (Rule.RECORD_REPLACED, 1)


async def test_two_records_in_each_others_place_are_found_at_the_first(sealed, intruder):
    await intruder.execute("UPDATE audit_record SET position = position + 100 WHERE position IN (5, 9)")
    await intruder.execute("UPDATE audit_record SET position = 114 - position WHERE position > 100")
    assert await first_bad(sealed) == (Rule.RECORD_CHANGED, 5)


@pytest.mark.parametrize("position", [1, 6, SEALED])
async def test_an_inserted_record_with_all_hashes_made_anew_is_found_at_its_place(sealed, intruder, position):
    shift = "UPDATE audit_record SET position = position + {} WHERE position {} {}"
    await intruder.execute(shift.format(1000, ">=", position))
    await intruder.execute(shift.format(-999, ">=", 1000))
    forged = Head(position - 1, 40, bytes(32)).append(sealed.event("file-1"))
    async with sealed.units.begin(OFFENBACH) as tx:
        assert await tx.records.append(forged)
    await intruder.execute("UPDATE audit_record SET chain_seq = chain_seq + 1000")
    await rewrite_from(sealed, intruder, 1, "SELECT")
    assert await first_bad(sealed) == (Rule.RECORD_REPLACED, position)


async def test_a_record_before_the_first_is_found(sealed, intruder):
    forged = Head(-8, 40, bytes(32)).append(sealed.event("file-1"))
    async with sealed.units.begin(OFFENBACH) as tx:
        await tx.records.append(forged)
    assert await first_bad(sealed) == (Rule.RECORD_INSERTED, -7)


async def test_an_appended_record_that_breaks_its_chain_is_found(sealed):
    forged = Head(14, 40, bytes(32)).append(sealed.event("file-1"))
    async with sealed.units.begin(OFFENBACH) as tx:
        await tx.records.append(forged)
    assert await first_bad(sealed) == (Rule.CHAIN_BROKEN, 15)


async def test_what_is_appended_soundly_before_the_next_checkpoint_cannot_be_told_apart(sealed):
    await sealed.record("file-1")
    report = await sealed.verify()
    assert (report.ok, report.unsealed) == (True, 3)


async def test_records_moved_to_another_tenant_are_missed(sealed, intruder):
    await intruder.execute("UPDATE audit_record SET tenant_id = 'hanau' WHERE position = 4")
    report = await sealed.verify("offenbach")
    assert (report.first_bad.rule, report.first_bad.position) == (Rule.RECORD_MISSING, 4)


async def test_a_tenant_that_cannot_be_is_found(sealed, intruder):
    await intruder.execute("UPDATE audit_record SET tenant_id = 'Nobody' WHERE position = 14")
    assert await first_bad(sealed) == (Rule.TENANT_INVALID, 1)


@pytest.mark.parametrize(
    ("statement", "rule", "position"),
    [
        ("DELETE FROM audit_checkpoint WHERE number = 1", Rule.CHECKPOINT_MISSING, 1),
        ("DELETE FROM audit_checkpoint WHERE number = 2", Rule.CHECKPOINT_MISSING, 5),
        ("DELETE FROM audit_checkpoint WHERE number = 3", Rule.CHECKPOINT_MISSING, 9),
        ("TRUNCATE audit_checkpoint", Rule.CHECKPOINT_MISSING, 1),
        ("UPDATE audit_checkpoint SET root = sha256('x') WHERE number = 2", Rule.CHECKPOINT_CHANGED, 5),
        ("UPDATE audit_checkpoint SET frontier = '' WHERE number = 2", Rule.CHECKPOINT_CHANGED, 5),
        ("UPDATE audit_checkpoint SET size = 3 WHERE number = 1", Rule.CHECKPOINT_CHANGED, 1),
        ("UPDATE audit_checkpoint SET sealed_at = 'infinity' WHERE number = 3", Rule.CHECKPOINT_CHANGED, 9),
        ("UPDATE audit_checkpoint SET sealed_at = '294276-12-31' WHERE number = 3", Rule.CHECKPOINT_CHANGED, 9),
        ("UPDATE audit_checkpoint SET previous_hash = '' WHERE number = 3", Rule.CHECKPOINT_CHANGED, 9),
        ("UPDATE audit_checkpoint SET number = -number", Rule.CHECKPOINT_MISSING, 1),
        ("UPDATE audit_checkpoint SET signature = 'ä.ö.ü' WHERE number = 2", Rule.CHECKPOINT_FORGED, 5),
        ("UPDATE audit_checkpoint SET signature = '' , size = -4 WHERE number = 2", Rule.CHECKPOINT_FORGED, 5),
        ("UPDATE audit_checkpoint c SET signature = d.signature FROM audit_checkpoint d WHERE c.number = 3 AND d.number = 2",
         Rule.CHECKPOINT_CHANGED, 9),
    ],
)  # fmt: skip
async def test_a_tampered_checkpoint_is_found_before_the_first_record_it_seals(
    sealed, intruder, statement, rule, position
):
    await intruder.execute(statement)
    assert await first_bad(sealed) == (rule, position)


async def one(content):
    yield content


def copy_of(size):
    return f"audit/checkpoints/offenbach/{size:020}.json"


@pytest.mark.parametrize("size", [4, 8, SEALED])
async def test_a_missing_copy_is_found(sealed, size):
    await sealed.store.delete(copy_of(size))
    assert await first_bad(sealed) == (Rule.COPY_MISSING, size - 3)


@pytest.mark.parametrize(
    "content", [b"", b"{}", b'{"signature":"e30.e30.e30","leaves":[]}', rb'{"leaves":[],"signature":"\ud800"}']
)
async def test_a_changed_copy_is_found(sealed, content):
    await sealed.store.write(copy_of(8), one(content))
    assert await first_bad(sealed) == (Rule.COPY_CHANGED, 5)


async def test_a_copy_with_other_leaves_is_found(sealed):
    copy = await sealed.archive.read("offenbach", 8)
    content = json.loads(copy.encode())
    content["leaves"][1] = "00" * 32
    await sealed.store.write(copy_of(8), one(json.dumps(content).encode()))
    assert await first_bad(sealed) == (Rule.COPY_CHANGED, 5)


async def test_a_copy_that_belongs_to_no_checkpoint_is_found(sealed):
    await sealed.store.write(copy_of(6), one((await sealed.archive.read("offenbach", 8)).encode()))
    assert await first_bad(sealed) == (Rule.COPY_UNKNOWN, 6)


async def test_names_that_are_not_ours_are_passed_over(sealed):
    for name in ("offenbach/readme", "offenbach/99999999999999999999.json"):
        await sealed.store.write(f"audit/checkpoints/{name}", one(b"x"))
    assert (await sealed.verify()).ok


async def test_a_replaced_record_whose_copy_is_gone_too_is_found_between_two_checkpoints(sealed, intruder):
    await sealed.store.delete(copy_of(8))
    await rewrite_from(sealed, intruder, 6, "UPDATE audit_record SET actor = 'user-8' WHERE position = 6")
    assert await first_bad(sealed) == (Rule.ROOT_DIFFERS, 5)


async def test_a_record_is_named_although_its_checkpoint_was_forged_too(sealed, intruder):
    await rewrite_from(sealed, intruder, 6, "UPDATE audit_record SET actor = 'user-8' WHERE position = 6")
    await intruder.execute("UPDATE audit_checkpoint SET signature = 'e30.e30.e30' WHERE number = 2")
    assert await first_bad(sealed) == (Rule.RECORD_REPLACED, 6)


async def test_the_findings_of_all_tenants_are_reported(sealed, intruder):
    await sealed.fill(checkpoints=1, records=3, tenant_id="hanau")
    await intruder.execute("DELETE FROM audit_record WHERE position = 2")
    report = await sealed.verify()
    assert [(finding.tenant_id, finding.position) for finding in report.findings] == [("hanau", 2), ("offenbach", 2)]
    assert report.first_bad == report.findings[0]
