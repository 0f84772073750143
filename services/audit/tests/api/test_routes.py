"""What auditors see over HTTP, on the running service."""

import pytest

from aktenfluss.contracts.cases import CaseFileRead
from aktenfluss.kernel import Principal, Role, new_id

CASE_FILE = new_id()


@pytest.fixture
async def audit(house):
    return await house.start("audit")


@pytest.fixture
def auditor(audit):
    return audit.as_(Role.AUDITOR)


async def tell(audit, count, tenant="offenbach"):
    """Let a case file be read so often, and the facts arrive."""
    principal = Principal("user-7", tenant, frozenset({Role.CLERK}), "request-1")
    for _ in range(count):
        data = CaseFileRead(case_file_id=CASE_FILE)
        await audit.resources.reads.record(principal, data, key=CASE_FILE, subject=CASE_FILE, version=0)
    await audit.drain()


async def get(audit, path, headers, **params):
    async with audit.client as client:
        return await client.get(path, params=params, headers=headers)


async def test_an_auditor_reads_who_read_a_case_file(audit, auditor):
    await tell(audit, 2)
    answer = await get(audit, "/v1/audit-records", auditor, key=str(CASE_FILE))
    first, second = answer.json()["items"]
    assert (first["position"], first["sequence"], first["actor"]) == (1, 1, "user-7")
    assert first["data"] == {"case_file_id": str(CASE_FILE)}
    assert second["previous_hash"] == first["hash"]
    assert answer.json()["next"] is None


async def test_reading_the_records_is_recorded_in_the_same_chain(audit, auditor):
    await tell(audit, 1)
    await get(audit, "/v1/audit-records", auditor, key=str(CASE_FILE))
    await audit.drain()
    answer = await get(audit, "/v1/audit-records", auditor, key=str(CASE_FILE))
    assert answer.json()["items"][1]["type"] == "de.aktenfluss.audit.audit-records-read.v1"
    assert answer.json()["items"][1]["data"] == {"chain": str(CASE_FILE), "result_count": 1}


async def test_a_reader_arrives_at_the_end_although_he_is_recorded(audit, auditor):
    await tell(audit, 3)
    params, seen = {"key": str(CASE_FILE), "limit": 1}, []
    while True:
        page = (await get(audit, "/v1/audit-records", auditor, **params)).json()
        seen += [item["sequence"] for item in page["items"]]
        await audit.drain()
        if page["next"] is None:
            break
        params["cursor"] = page["next"]
    assert seen == [1, 2, 3]


async def test_records_of_another_authority_do_not_exist(audit, auditor):
    await tell(audit, 2, tenant="hanau")
    answer = await get(audit, "/v1/audit-records", auditor, key=str(CASE_FILE))
    assert answer.json() == {"items": [], "next": None}


@pytest.mark.parametrize(("path", "params"), [
    ("/v1/audit-records", {"key": str(CASE_FILE)}), ("/v1/audit-checkpoints", {}), ("/v1/audit-verification", {}),
])  # fmt: skip
@pytest.mark.parametrize("role", [role for role in Role if role is not Role.AUDITOR])
async def test_only_auditors_may_look(audit, path, params, role):
    assert (await get(audit, path, audit.as_(role), **params)).status_code == 403


async def test_a_key_is_required(audit, auditor):
    answer = await get(audit, "/v1/audit-records", auditor)
    assert (answer.status_code, answer.json()["errors"][0]["name"]) == (422, "key")


async def test_checkpoints_are_listed_newest_first(audit, auditor):
    for _ in range(2):
        await tell(audit, 1)
        await audit.service.jobs.tasks["seal_audit_records"](timestamp=0)
    first = (await get(audit, "/v1/audit-checkpoints", auditor, limit=1)).json()
    second = (await get(audit, "/v1/audit-checkpoints", auditor, limit=1, cursor=first["next"])).json()
    assert [(page["items"][0]["number"], page["items"][0]["size"]) for page in (first, second)][-1] == (1, 1)
    assert first["items"][0]["number"] == 2


@pytest.mark.parametrize(("limit", "goes_on"), [(1, True), (2, False), (3, False)])
async def test_a_full_page_of_checkpoints_is_the_last_where_none_is_left(audit, auditor, limit, goes_on):
    for _ in range(2):
        await tell(audit, 1)
        await audit.service.jobs.tasks["seal_audit_records"](timestamp=0)
    page = (await get(audit, "/v1/audit-checkpoints", auditor, limit=limit)).json()
    assert (len(page["items"]), page["next"] is not None) == (min(limit, 2), goes_on)


@pytest.mark.parametrize(("limit", "goes_on"), [(1, True), (2, False), (3, False)])
async def test_a_full_page_of_records_is_the_last_where_none_is_left(audit, auditor, limit, goes_on):
    await tell(audit, 2)
    page = (await get(audit, "/v1/audit-records", auditor, key=str(CASE_FILE), limit=limit)).json()
    assert (len(page["items"]), page["next"] is not None) == (min(limit, 2), goes_on)


async def test_a_verification_tells_what_is_proven(audit, auditor):
    await tell(audit, 3)
    await audit.service.jobs.tasks["seal_audit_records"](timestamp=0)
    answer = (await get(audit, "/v1/audit-verification", auditor)).json()
    assert (answer["ok"], answer["records"], answer["unsealed"], answer["first_bad"]) == (True, 3, 0, None)


async def test_a_verification_names_the_first_bad_record(audit, auditor, intrude):
    await tell(audit, 3)
    await intrude("UPDATE audit_record SET actor = 'nobody' WHERE position = 2")
    answer = (await get(audit, "/v1/audit-verification", auditor)).json()
    assert not answer["ok"]
    assert (answer["first_bad"]["position"], answer["first_bad"]["rule"]) == (2, "record-changed")


async def test_a_verification_is_recorded(audit, auditor):
    await get(audit, "/v1/audit-verification", auditor)
    assert [event["type"] for event in await audit.events()] == ["de.aktenfluss.audit.audit-log-verified.v1"]


@pytest.mark.parametrize(
    "change", ["payload = '{'", "payload = '[]'", "payload = repeat('[', 100000)", "occurred_at = '294000-01-01'"]
)
async def test_a_record_that_cannot_be_read_is_a_damage_with_a_way_out(audit, auditor, intrude, change):
    await tell(audit, 2)
    await intrude(f"UPDATE audit_record SET {change} WHERE position = 2")
    answer = await get(audit, "/v1/audit-records", auditor, key=str(CASE_FILE))
    assert (answer.status_code, answer.json()["type"]) == (500, "/problems/audit-log-damaged")
    assert answer.json()["detail"] == "the record at position 2 cannot be read"


async def test_a_checkpoint_that_cannot_be_read_is_a_damage_with_a_way_out(audit, auditor, intrude):
    await tell(audit, 2)
    await audit.service.jobs.tasks["seal_audit_records"](timestamp=0)
    await intrude("UPDATE audit_checkpoint SET sealed_at = '294000-01-01'")
    answer = await get(audit, "/v1/audit-checkpoints", auditor)
    assert (answer.status_code, answer.json()["type"]) == (500, "/problems/audit-log-damaged")
    assert answer.json()["detail"] == "the checkpoint of size 2 cannot be read"


async def test_another_authoritys_damage_is_not_told(audit, auditor, intrude):
    await tell(audit, 2, tenant="hanau")
    await intrude("DELETE FROM audit_record WHERE position = 1")
    assert (await get(audit, "/v1/audit-verification", auditor)).json()["ok"]


@pytest.mark.parametrize(("path", "params"), [
    ("/v1/audit-records", {"key": "k", "cursor": {"checkpoint": 1}}),
    ("/v1/audit-records", {"key": "k", "cursor": {"chain": "another", "after": 1, "until": 2}}),
    ("/v1/audit-checkpoints", {"cursor": {"chain": "k", "after": 1, "until": 2}}),
])  # fmt: skip
async def test_the_cursor_of_another_list_is_refused(audit, auditor, path, params):
    sealed = {**params, "cursor": audit.resources.cursors.encode(params["cursor"])}
    answer = await get(audit, path, auditor, **sealed)
    assert (answer.status_code, answer.json()["type"]) == (400, "/problems/invalid-cursor")
