"""The public door as callers see it: in front of a service, without an account."""

from types import SimpleNamespace

import httpx
import pytest
from fastapi import APIRouter
from prometheus_client import CollectorRegistry

from aktenfluss.gateway.service import build
from aktenfluss.kernel import Kind, Problem
from aktenfluss.servicekit import Api, GuardedRoute, Public, problems
from aktenfluss.servicekit.tracing import UNTRACED

MERGED = "application/vnd.oai.openapi+json;version=3.1"


class BoxSealedError(Problem):
    """The box is <sealed>.

    Way out: open `another` box.
    """

    slug = "box-sealed"
    title = "Box sealed"
    kind = Kind.CONFLICT


SEALED = {
    "slug": "box-sealed",
    "title": "Box sealed",
    "status": 409,
    "description": "The box is <sealed>.\n\nWay out: open `another` box.",
}


def resources():
    return SimpleNamespace(verifier=None, grants=None, registry=CollectorRegistry(), tracing=UNTRACED)


def boxes():
    """Return a service with one route; the gateway knows services by these three fields."""
    api = Api(name="boxes", title="Boxes", description="Boxes.", resources=resources())
    router = APIRouter(route_class=GuardedRoute)

    @router.get("/v1/boxes", summary="Open", dependencies=[Public("test")], responses=problems(BoxSealedError))
    async def open_box() -> str:
        raise BoxSealedError("Box 4 is sealed.", box=4)

    api.include(router)
    return SimpleNamespace(name="boxes", app=api.app, prefixes=("/v1/boxes",))


@pytest.fixture
async def door():
    transport = httpx.ASGITransport(app=build(resources(), [boxes()]))
    async with httpx.AsyncClient(transport=transport, base_url="http://door") as client:
        yield client


async def test_a_request_reaches_the_service_behind_the_door(door):
    answer = await door.get("/v1/boxes")

    assert (answer.status_code, answer.json()["type"], answer.json()["box"]) == (409, "/problems/box-sealed", 4)


async def test_the_catalogue_lists_the_collections_of_every_service(door):
    answer = await door.get("/.well-known/api-catalog")

    assert answer.headers["content-type"].startswith('application/linkset+json; profile="')
    assert answer.json() == {
        "linkset": [
            {
                "anchor": "/v1/boxes",
                "service-desc": [{"href": "/openapi.json", "type": MERGED}],
                "service-doc": [{"href": "/", "type": "text/html"}],
            }
        ]
    }


async def test_the_catalogue_can_be_found_with_head(door):
    answer = await door.head("/.well-known/api-catalog")

    assert answer.headers["link"] == '</.well-known/api-catalog>; rel="api-catalog"'


async def test_the_description_is_that_of_all_services(door):
    merged = (await door.get("/openapi.json")).json()

    assert {"/v1/boxes", "/problems/{slug}", "/.well-known/api-catalog"} <= set(merged["paths"])
    assert [tag["name"] for tag in merged["tags"]] == ["boxes", "gateway"]


async def test_the_page_of_a_problem_tells_the_way_out(door):
    answer = await door.get("/problems/box-sealed")

    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "<h1>Box sealed</h1>" in answer.text
    assert "<p>The box is &lt;sealed&gt;.</p><p>Way out: open <code>another</code> box.</p>" in answer.text


@pytest.mark.parametrize("accept", ["application/json", "application/problem+json;q=0.9, text/html;q=0.5"])
async def test_machines_get_the_problem_type_as_json(door, accept):
    answer = await door.get("/problems/box-sealed", headers={"Accept": accept})

    assert answer.json() == SEALED


async def test_the_index_lists_the_problems_of_all_services(door):
    page = await door.get("/problems")
    listed = await door.get("/problems", headers={"Accept": "application/json"})

    slugs = [item["slug"] for item in listed.json()["items"]]
    assert {"box-sealed", "internal-error", "problem-type-not-found"} <= set(slugs)
    assert all(f'href="/problems/{slug}"' in page.text for slug in slugs)


async def test_an_unknown_problem_type_is_a_problem_itself(door):
    answer = await door.get("/problems/no-such-problem")

    assert answer.status_code == 404
    assert answer.json() == {
        "type": "/problems/problem-type-not-found",
        "title": "Unknown problem type",
        "status": 404,
        "detail": "No problem type has the name that was asked for.",
        "instance": answer.json()["instance"],
    }


async def test_a_path_that_nobody_has_is_a_problem(door):
    answer = await door.get("/v1/nothing")

    assert (answer.status_code, answer.json()["type"]) == (404, "/problems/not-found")


async def test_the_start_page_leads_on(door):
    text = (await door.get("/")).text

    assert all(f'href="{path}"' in text for path in ("/openapi.json", "/.well-known/api-catalog", "/problems"))
