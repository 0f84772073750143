"""Who may do what: every route, every role."""

import pytest

from aktenfluss.kernel import Role, digest_of
from aktenfluss.servicekit import routes_without_policy

ORDER = "/v1/scan-orders/01a20873-6ea3-7770-911a-0b26fe50e5c3"
DELIVERY = f"/v1/deliveries/{digest_of(b'delivery')}"
MANAGER = {Role.RECORDS_MANAGER}
OFFICE = {Role.RECORDS_MANAGER, Role.INSPECTOR, Role.CLERK}
WATCHERS = {Role.CONTRACTOR, Role.RECORDS_MANAGER, Role.INSPECTOR}
ALLOWED = {
    ("POST", "/v1/scan-orders"): MANAGER,
    ("GET", "/v1/scan-orders"): OFFICE,
    ("GET", ORDER): OFFICE,
    ("GET", f"{ORDER}/items"): OFFICE,
    ("GET", f"{ORDER}/lead-sheets.pdf"): MANAGER,
    ("GET", f"{ORDER}/reconciliation"): OFFICE,
    ("PUT", DELIVERY): {Role.CONTRACTOR},
    ("GET", DELIVERY): WATCHERS,
    ("POST", f"{DELIVERY}:complete"): {Role.CONTRACTOR},
}


@pytest.mark.parametrize(("method", "path"), ALLOWED)
async def test_a_route_lets_its_roles_in_and_nobody_else(scans, caller, method, path):
    entered = {role for role in Role if (await caller(role).request(method, path)).status_code not in (401, 403)}

    assert entered == ALLOWED[method, path]
    assert (await scans.client.request(method, path)).status_code == 401


async def test_every_route_has_a_policy(scans):
    assert routes_without_policy(scans.service.app.routes) == []


async def test_the_description_names_every_route(scans):
    described = scans.service.app.openapi()["paths"]

    assert sum(len(methods) for methods in described.values()) == len(ALLOWED)
