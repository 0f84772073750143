"""Nobody gets in unless a route says so."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
from fastapi import APIRouter, FastAPI

from aktenfluss.kernel import Principal, Role
from aktenfluss.servicekit.http import Allow, Api, GuardedRoute, IdempotentRoute, Public, routes_without_policy
from aktenfluss.servicekit.http.routing import RouteWithoutPolicyError

DIGEST = f"sha256:{'0' * 64}"


@pytest.mark.parametrize("role", sorted(Role))
async def test_only_allowed_roles_pass(client: httpx.AsyncClient, parts: Any, role: Role) -> None:
    response = await client.get("/v1/boxes/1", headers=parts.as_(role))
    assert response.status_code == (200 if role is Role.CLERK else 403)


async def test_refusal_names_the_roles_that_would_do(client: httpx.AsyncClient, parts: Any) -> None:
    body = (await client.get("/v1/boxes/1", headers=parts.as_(Role.AUDITOR))).json()
    assert body["detail"] == "This needs one of the roles clerk."
    assert body["type"] == "/problems/forbidden"


async def test_caller_is_known_before_anything_it_sent_is_read(client: httpx.AsyncClient, parts: Any) -> None:
    headers = {**parts.as_(Role.AUDITOR), "Content-Type": "application/json"}
    assert (await client.post("/v1/boxes", content=b"{", headers=headers)).status_code == 403
    headers["Authorization"] = "Bearer nonsense"
    assert (await client.post("/v1/boxes", content=b"x" * (2 << 20), headers=headers)).status_code == 401


async def test_endpoint_gets_the_principal_with_the_id_of_the_request(client: httpx.AsyncClient) -> None:
    request_id = "0123456789abcdef"
    response = await client.get("/v1/boxes/1", headers={"X-Request-Id": request_id})
    assert response.text == f"clerk:1 offenbach {request_id}"


async def test_public_route_needs_no_token(api: Api) -> None:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(api.app), base_url="http://boxes") as anybody:
        assert (await anybody.get("/v1/notice")).json() == "opening hours"


def grant(parts: Any) -> str:
    clerk = Principal("clerk:1", "offenbach")
    text: str = parts.grants.issue(
        clerk, case_file_id=uuid4(), document_id=uuid4(), content=DIGEST, lifetime=timedelta(seconds=30)
    )
    return text


async def test_grant_admits_where_grants_are_accepted(api: Api, parts: Any) -> None:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(api.app), base_url="http://boxes") as bearer:
        response = await bearer.get(f"/v1/contents/{DIGEST}", params={"grant": grant(parts)})
        assert response.json() == "grant"
        assert (await bearer.get("/v1/boxes/1", params={"grant": grant(parts)})).status_code == 401
        assert (await bearer.get(f"/v1/contents/{DIGEST}", params={"grant": "x.y.z"})).status_code == 401
        assert (await bearer.get(f"/v1/contents/{DIGEST}")).status_code == 401


async def test_token_decides_where_both_are_sent(client: httpx.AsyncClient, parts: Any) -> None:
    response = await client.get(f"/v1/contents/{DIGEST}", params={"grant": grant(parts)})
    assert response.status_code == 403
    response = await client.get(f"/v1/contents/{DIGEST}", headers=parts.as_(Role.SERVICE, subject="service:cases"))
    assert response.json() == "service:cases"


@pytest.mark.parametrize("route_class", [GuardedRoute, IdempotentRoute])
def test_route_without_a_policy_does_not_start(route_class: type[GuardedRoute]) -> None:
    router = APIRouter(route_class=route_class)
    with pytest.raises(RouteWithoutPolicyError, match="/v1/open has no policy"):
        router.get("/v1/open")(lambda: None)


def test_route_of_another_kind_is_not_included(api: Api) -> None:
    router = APIRouter()
    router.get("/v1/open")(lambda: None)
    with pytest.raises(RouteWithoutPolicyError):
        api.include(router)


def test_walker_finds_routes_without_a_policy(api: Api) -> None:
    assert routes_without_policy(api.app.routes) == []
    app = FastAPI(docs_url=None, redoc_url=None)
    app.get("/v1/open")(lambda: None)
    assert routes_without_policy(app.routes) == ["/openapi.json", "/v1/open"]


def test_policy_that_says_nothing_is_an_error() -> None:
    with pytest.raises(ValueError, match="at least one role"):
        Allow()
    with pytest.raises(ValueError, match="reason"):
        Public("")
