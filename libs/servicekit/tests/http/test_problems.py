"""Every error is one RFC 9457 answer, whole, whoever raised it."""

import re
from typing import Any

import httpx
import pytest

from aktenfluss.kernel import Kind
from aktenfluss.servicekit.http import STATUS

OCCURRENCE = re.compile(r"urn:uuid:[0-9a-f-]{36}")


def problem(response: httpx.Response) -> dict[str, Any]:
    """Return the body without its instance, which differs each time."""
    assert response.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = response.json()
    assert OCCURRENCE.fullmatch(body.pop("instance"))
    assert response.status_code == body["status"]
    return body


async def test_problem_of_a_service_carries_its_members(client: httpx.AsyncClient) -> None:
    assert problem(await client.get("/v1/boxes/9")) == {
        "type": "/problems/box-lost",
        "title": "Box lost",
        "status": 404,
        "detail": "Box 9 is not on its shelf.",
        "shelf": "A",
    }


async def test_every_broken_rule_is_listed_with_its_place(client: httpx.AsyncClient) -> None:
    response = await client.post("/v1/boxes?limit=x", json={"number": "x", "ö/~": 1})
    assert problem(response) == {
        "type": "/problems/invalid-request",
        "title": "Invalid request",
        "status": 422,
        "detail": "4 rules are broken.",
        "errors": [
            {
                "in": "query",
                "name": "limit",
                "rule": "int_parsing",
                "detail": "Input should be a valid integer, unable to parse string as an integer",
            },
            {"in": "body", "pointer": "#/label", "rule": "missing", "detail": "Field required"},
            {
                "in": "body",
                "pointer": "#/number",
                "rule": "int_type",
                "detail": "Input should be a valid integer",
            },
            {
                "in": "body",
                "pointer": "#/%C3%B6~1~0",
                "rule": "extra_forbidden",
                "detail": "Extra inputs are not permitted",
            },
        ],
    }


async def test_unknown_path_is_a_problem(client: httpx.AsyncClient) -> None:
    for path in ("/v1/nowhere", "/v1/boxes/", "/docs", "/redoc"):
        assert problem(await client.get(path)) == {
            "type": "/problems/not-found",
            "title": "Not found",
            "status": 404,
            "detail": "There is nothing under this path.",
        }


async def test_unknown_method_names_all_methods_of_the_path(client: httpx.AsyncClient) -> None:
    response = await client.delete("/v1/boxes/1")
    assert response.headers["allow"] == "GET, PATCH"
    assert problem(response) == {
        "type": "/problems/method-not-allowed",
        "title": "Method not allowed",
        "status": 405,
        "detail": "This resource does not know the method.",
    }


async def test_verb_is_no_part_of_a_name(client: httpx.AsyncClient) -> None:
    response = await client.get("/v1/boxes/1:close")
    assert (response.status_code, response.headers["allow"]) == (405, "POST")
    assert (await client.post("/v1/boxes/1:close")).json() == 1
    assert (await client.get("/v1/boxes/1:open")).status_code == 422


@pytest.mark.parametrize(("number", "status"), [("3.0", 201), ("3e0", 201), ("3.5", 422), ("1e999", 422)])
async def test_whole_number_is_an_integer_however_it_is_written(
    client: httpx.AsyncClient, number: str, status: int
) -> None:
    body = f'{{"label": "A", "number": {number}}}'
    response = await client.post("/v1/boxes", content=body, headers={"Content-Type": "application/json"})
    assert response.status_code == status


async def test_unexpected_exception_shows_nothing_of_the_inside(client: httpx.AsyncClient) -> None:
    assert problem(await client.get("/v1/boxes/8")) == {
        "type": "/problems/internal-error",
        "title": "Internal error",
        "status": 500,
        "detail": "The request failed inside; nothing of it was kept.",
    }


@pytest.mark.parametrize(("number", "status", "seconds"), [(7, 503, "5"), (6, 507, "60")])
async def test_what_passes_says_when_to_come_back(
    client: httpx.AsyncClient, number: int, status: int, seconds: str
) -> None:
    response = await client.get(f"/v1/boxes/{number}")
    assert (response.status_code, response.headers["retry-after"]) == (status, seconds)


async def test_missing_token_says_which_scheme_is_wanted(client: httpx.AsyncClient) -> None:
    response = await client.get("/v1/boxes/1", headers={"Authorization": "Basic eDp5"})
    assert response.headers["www-authenticate"] == "Bearer"
    assert problem(response) == {
        "type": "/problems/unauthenticated",
        "title": "Not authenticated",
        "status": 401,
        "detail": "The Authorization header is not `Bearer` and a token.",
    }


def malformed(detail: str) -> dict[str, Any]:
    return {"type": "/problems/malformed-request", "title": "Malformed request", "status": 400, "detail": detail}


@pytest.mark.parametrize(
    ("content", "detail"),
    [
        (b"{", "The body is not JSON: error at character 1."),
        (b'\xef\xbb\xbf{"label": "x"}', "The body is not JSON: error at character 0."),
        (b'{"label": "\xff"}', "The request cannot be read as what it claims to be."),
        (b'{"label": "\xed\xa0\x80"}', "The request cannot be read as what it claims to be."),
        ('{"label": "x"}'.encode("utf-16"), "The request cannot be read as what it claims to be."),
        (b"[" * 100_000, "The request cannot be read as what it claims to be."),
        (b'{"label": "x", "number": ' + b"1" * 5000 + b"}", "The request cannot be read as what it claims to be."),
    ],
    ids=["cut", "byte order mark", "no UTF-8", "encoded surrogate", "UTF-16", "deep", "huge number"],
)
async def test_unreadable_body_is_malformed(client: httpx.AsyncClient, content: bytes, detail: str) -> None:
    response = await client.post("/v1/boxes", content=content, headers={"Content-Type": "application/json"})
    assert problem(response) == malformed(detail)


async def test_body_of_another_type_is_malformed(client: httpx.AsyncClient) -> None:
    response = await client.post("/v1/boxes", content=b'{"label": "x"}', headers={"Content-Type": "text/plain"})
    assert problem(response) == malformed("The body was not sent as JSON: Content-Type is not application/json.")


@pytest.mark.parametrize("text", ["a\\u0000b", "\\ud800", "\\udfffx"])
async def test_text_that_cannot_be_stored_is_refused_wherever_it_is(client: httpx.AsyncClient, text: str) -> None:
    body = f'{{"label": "{text}", "sides": [{{"text": "fine"}}], "remarks": {{"a": [1, "{text}"], "{text}": 2}}}}'
    response = await client.post("/v1/boxes", content=body, headers={"Content-Type": "application/json"})
    body = problem(response)
    assert [error["pointer"] for error in body["errors"]] == ["#/label", "#/remarks/a/1", "#/remarks"]
    assert {error["rule"] for error in body["errors"]} == {"unstorable_text"}
    assert body["status"] == 422


async def test_text_that_cannot_be_stored_is_found_in_nested_models(client: httpx.AsyncClient) -> None:
    response = await client.post("/v1/boxes", json={"label": "x", "sides": [{"text": "fine"}, {"text": "\0"}]})
    assert [error["pointer"] for error in problem(response)["errors"]] == ["#/sides/1/text"]


async def test_url_may_hold_any_other_text(client: httpx.AsyncClient) -> None:
    assert (await client.get("/v1/boxes/%31?q=%C3%A4%20")).status_code == 200


@pytest.mark.parametrize(
    ("url", "slug"),
    [
        ("/v1/boxes/%00", "invalid-request"),
        ("/v1/boxes/1?q=%00", "invalid-request"),
        ("/v1/boxes/1?q=%ED%A0%80", "invalid-request"),
        ("/v1/boxes/1?q=%FF", "malformed-request"),
        ("/v1/boxes/1%FF", "malformed-request"),
    ],
)
async def test_url_that_cannot_be_stored_is_refused(client: httpx.AsyncClient, url: str, slug: str) -> None:
    assert problem(await client.get(url))["type"] == f"/problems/{slug}"


def too_large(limit: int) -> dict[str, Any]:
    return {
        "type": "/problems/body-too-large",
        "title": "Body too large",
        "status": 413,
        "detail": f"The body is larger than {limit} bytes.",
        "limit_bytes": limit,
    }


async def test_body_beyond_the_limit_is_refused_by_its_length(client: httpx.AsyncClient) -> None:
    assert problem(await client.post("/v1/boxes", json={"label": "x" * (1 << 20)})) == too_large(1 << 20)


@pytest.mark.parametrize(
    ("method", "path", "limit"), [("POST", "/v1/boxes", 1 << 20), ("PUT", "/v1/contents", 3 << 20)]
)
async def test_body_beyond_the_limit_is_refused_while_it_comes_in_chunks(
    client: httpx.AsyncClient, method: str, path: str, limit: int
) -> None:
    async def chunks() -> Any:
        for _ in range(64):
            yield b"x" * (1 << 16)

    assert problem(await client.request(method, path, content=chunks())) == too_large(limit)


async def test_route_may_take_a_larger_body(client: httpx.AsyncClient) -> None:
    assert (await client.put("/v1/contents", content=b"x" * (3 << 20))).json() == 3 << 20


async def test_content_length_that_is_no_number_is_malformed(client: httpx.AsyncClient) -> None:
    response = await client.post("/v1/boxes", content=b"{}", headers={"Content-Length": "-1"})
    assert problem(response) == malformed("Content-Length is not a number.")


@pytest.mark.parametrize(
    ("header", "slug"),
    [(None, "precondition-required"), ("*", "precondition-required"), ('W/"1"', "precondition-failed")],
)
async def test_change_without_a_version_is_refused(client: httpx.AsyncClient, header: str | None, slug: str) -> None:
    headers = {} if header is None else {"If-Match": header}
    assert problem(await client.patch("/v1/boxes/1", headers=headers))["type"] == f"/problems/{slug}"


async def test_change_of_a_version_returns_the_next(client: httpx.AsyncClient) -> None:
    assert (await client.patch("/v1/boxes/1", headers={"If-Match": '"41"'})).headers["etag"] == '"42"'


async def test_stream_that_breaks_breaks_the_connection(client: httpx.AsyncClient) -> None:
    with pytest.raises(RuntimeError):
        await client.get("/v1/broken-stream")


async def test_client_that_leaves_is_no_failure(api: Any, parts: Any) -> None:
    sent: list[dict[str, Any]] = []
    scope = {
        "type": "http",
        "method": "PUT",
        "path": "/v1/contents",
        "query_string": b"",
        "headers": [(b"authorization", parts.as_("clerk")["Authorization"].encode())],
    }

    async def receive() -> dict[str, Any]:
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)

    await api.app(scope, receive, send)
    assert sent[0]["status"] == 400


def test_every_kind_has_a_status() -> None:
    assert set(STATUS) == set(Kind)
