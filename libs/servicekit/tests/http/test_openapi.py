"""The description says everything: problems, roles, keys, limits."""

from typing import Any

import httpx
import pytest

from aktenfluss.servicekit.http import KIT_PROBLEMS, Api, described


@pytest.fixture
def description(api: Api) -> dict[str, Any]:
    return api.app.openapi()


def test_route_names_its_own_problems_and_those_of_the_kit(description: dict[str, Any]) -> None:
    responses = description["paths"]["/v1/boxes/{number}"]["get"]["responses"]
    named = {status: response.get("x-problems") for status, response in responses.items()}
    assert named == {
        "200": None,
        "400": ["malformed-request"],
        "401": ["unauthenticated"],
        "403": ["forbidden"],
        "404": ["box-lost"],
        "422": ["invalid-request"],
        "500": ["internal-error"],
        "503": ["service-unavailable"],
    }
    assert responses["404"] == {
        "description": "Box lost",
        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
        "x-problems": ["box-lost"],
    }


def test_post_takes_an_idempotency_key(description: dict[str, Any]) -> None:
    post = description["paths"]["/v1/boxes"]["post"]
    assert [item["name"] for item in post["parameters"]] == ["limit", "Idempotency-Key"]
    assert post["responses"]["422"]["x-problems"] == ["idempotency-key-reused", "invalid-request"]
    assert post["responses"]["409"]["x-problems"] == ["request-in-progress"]
    assert {"413", "507"} <= set(post["responses"])


def test_security_follows_from_the_policy(description: dict[str, Any]) -> None:
    paths = description["paths"]
    assert paths["/v1/boxes"]["post"]["security"] == [{"bearer": []}]
    assert paths["/v1/boxes"]["post"]["x-roles"] == ["clerk"]
    assert paths["/v1/contents/{digest}"]["get"]["security"] == [{"bearer": []}, {"grant": []}]
    assert paths["/v1/notice"]["get"]["security"] == []
    assert paths["/v1/notice"]["get"]["x-public"] == "everybody may read it"
    assert "401" not in paths["/v1/notice"]["get"]["responses"]
    assert set(description["components"]["securitySchemes"]) == {"bearer", "grant"}


def test_pages_of_all_problems_are_there(description: dict[str, Any]) -> None:
    pages = {page["slug"]: page for page in description["x-problems"]}
    assert set(pages) == {problem.slug for problem in KIT_PROBLEMS} | {"box-lost"}
    assert pages["box-lost"] == {
        "slug": "box-lost",
        "title": "Box lost",
        "status": 404,
        "description": "The box is not on its shelf.\n\nWay out: look under the shelf.",
    }


@pytest.mark.parametrize("problem", KIT_PROBLEMS, ids=lambda problem: problem.slug)
def test_problem_of_the_kit_has_a_way_out(problem: Any) -> None:
    page = described(problem)
    assert page["description"].split("\n\n")[1].startswith("Way out: ")
    assert page["status"] >= 400


def test_framework_shape_of_errors_is_gone(description: dict[str, Any]) -> None:
    assert "HTTPValidationError" not in description["components"]["schemas"]
    assert "HTTPValidationError" not in str(description["paths"])


async def test_service_serves_its_description(client: httpx.AsyncClient, description: dict[str, Any]) -> None:
    assert (await client.get("/openapi.json")).json() == description
