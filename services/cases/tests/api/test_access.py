"""Who may do what, and that authorities do not see each other."""

import pytest

from aktenfluss.kernel import Role, new_id
from aktenfluss.servicekit import routes_without_policy

READERS = {Role.CLERK, Role.RECORDS_MANAGER, Role.INSPECTOR, Role.VENDOR}
KEEPERS = {Role.RECORDS_MANAGER, Role.VENDOR}
ROUTES = [
    ("GET", "/v1/case-files", READERS),
    ("POST", "/v1/case-files", KEEPERS),
    ("GET", "/v1/case-files/{id}", READERS),
    ("PATCH", "/v1/case-files/{id}", KEEPERS),
    ("GET", "/v1/case-files/{id}/entries", READERS),
    ("POST", "/v1/case-files/{id}/grants", READERS),
    ("POST", "/v1/case-files:import", KEEPERS),
    ("POST", "/v1/case-files:lookup", {Role.SERVICE}),
]


@pytest.mark.parametrize(("method", "path", "allowed"), ROUTES)
async def test_a_route_admits_its_roles_and_no_other(caller, method, path, allowed):
    admitted = set()
    for role in Role:
        response = await caller(role).request(method, path.format(id=new_id()), content=b"")
        if response.status_code != 403:
            admitted.add(role)
    assert admitted == allowed


@pytest.mark.parametrize(("method", "path", "_"), ROUTES)
async def test_nobody_gets_in_without_a_token(cases, method, path, _):
    async with cases.client as client:
        response = await client.request(method, path.format(id=new_id()))
    assert (response.status_code, response.json()["type"]) == (401, "/problems/unauthenticated")


def test_every_route_has_a_policy(cases):
    assert routes_without_policy(cases.service.app.routes) == []


async def test_another_authority_finds_nothing(stranger, file_item):
    case_file_id, _ = await file_item()
    place = f"/v1/case-files/{case_file_id}"
    assert (await stranger.get("/v1/case-files")).json() == {"items": [], "next": None}
    for response in (
        await stranger.get(place),
        await stranger.get(f"{place}/entries"),
        await stranger.post(f"{place}/grants", json={"page_of_file": 1}),
        await stranger.patch(place, json={"family_name": "X"}, headers={"If-Match": '"2"'}),
    ):
        assert (response.status_code, response.json()["type"]) == (404, "/problems/case-file-not-found")


async def test_another_authority_looks_up_nothing(caller, open_case_file):
    await open_case_file()
    client = caller("service", tenant="hanau")
    response = await client.post("/v1/case-files:lookup", json={"file_numbers": ["A 1/20"]})
    assert response.json() == {"case_files": []}


@pytest.mark.parametrize("table", ["case_file", "file_entry"])
async def test_without_a_tenant_there_are_no_rows(cases, file_item, table):
    await file_item()
    async with cases.database.session() as connection:
        assert await connection.fetchval(f"SELECT count(*) FROM {table}") == 0
        assert await connection.fetchval(
            "SELECT relrowsecurity AND relforcerowsecurity FROM pg_class WHERE relname = $1", table
        )
