"""A POST with a key is carried out once, in one transaction with its answer."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextvars import Context
from dataclasses import dataclass, field
from typing import Annotated, Any, ClassVar

import httpx
import pytest
from fastapi import APIRouter, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from aktenfluss.kernel import Kind, Principal, Problem, Role
from aktenfluss.servicekit import Database
from aktenfluss.servicekit.http import Allow, Api, IdempotentRoute, JsonModel, Public

type Numbers = Callable[[Principal], Awaitable[list[int]]]

CLERK = Principal("clerk:1", "offenbach")
KEY = {"Idempotency-Key": "order-1"}


class TooManyThingsError(Problem):
    """There are too many things.

    Way out: wait.
    """

    slug: ClassVar[str] = "too-many-things"
    title: ClassVar[str] = "Too many things"
    kind: ClassVar[Kind] = Kind.CONFLICT


class NewThing(JsonModel):
    number: int


@dataclass
class Shop:
    """What the test decides about the endpoint."""

    add: Callable[..., Awaitable[None]]
    full: bool = False
    before_answer: Callable[[Principal], Awaitable[None]] | None = None
    on_answer: Callable[[], Awaitable[None]] | None = None
    calls: list[int] = field(default_factory=list)

    def watch(self, app: ASGIApp) -> ASGIApp:
        """Return `app` so that `on_answer` runs when the first byte of an answer leaves it."""

        async def watched(scope: Scope, receive: Receive, send: Send) -> None:
            async def send_watched(message: Message) -> None:
                if message["type"] == "http.response.start" and self.on_answer is not None:
                    await self.on_answer()
                await send(message)

            await app(scope, receive, send_watched)

        return watched


def thing_routes(shop: Shop) -> APIRouter:
    router = APIRouter(route_class=IdempotentRoute)

    @router.post("/v1/things", status_code=201)
    async def add_thing(
        thing: NewThing, response: Response, principal: Annotated[Principal, Allow(Role.CLERK)]
    ) -> NewThing:
        shop.calls.append(thing.number)
        await shop.add(principal, thing.number)
        if shop.full:
            raise TooManyThingsError("There are too many things.")
        if shop.before_answer is not None:
            await shop.before_answer(principal)
        response.headers["Location"] = f"/v1/things/{thing.number}"
        return thing

    @router.post("/v1/knocks", dependencies=[Public("everybody may knock")])
    async def knock() -> str:
        return "come in"

    return router


@pytest.fixture
def shop(add: Callable[..., Awaitable[None]]) -> Shop:
    return Shop(add)


@pytest.fixture
async def client(parts: Any, database: Database, shop: Shop) -> AsyncIterator[httpx.AsyncClient]:
    parts.database = database
    api = Api(name="things", title="Things", description="Things.", resources=parts)
    api.include(thing_routes(shop))
    transport = httpx.ASGITransport(shop.watch(api.app))
    async with httpx.AsyncClient(transport=transport, base_url="http://things", headers=parts.as_("clerk")) as client:
        yield client


async def test_request_sent_again_is_answered_again_but_not_carried_out(
    client: httpx.AsyncClient, shop: Shop, numbers: Numbers
) -> None:
    first = await client.post("/v1/things", json={"number": 7}, headers=KEY)
    again = await client.post("/v1/things", json={"number": 7}, headers=KEY)
    assert (first.status_code, first.json(), first.headers["location"]) == (201, {"number": 7}, "/v1/things/7")
    assert (again.status_code, again.content, again.headers["location"]) == (201, first.content, "/v1/things/7")
    assert again.headers["idempotency-replayed"] == "true"
    assert "idempotency-replayed" not in first.headers
    assert again.headers["x-request-id"] != first.headers["x-request-id"]
    assert (shop.calls, await numbers(CLERK)) == ([7], [7])


@pytest.mark.parametrize(("url", "number"), [("/v1/things", 8), ("/v1/things?fast=1", 7)])
async def test_key_is_for_one_request(client: httpx.AsyncClient, numbers: Numbers, url: str, number: int) -> None:
    await client.post("/v1/things", json={"number": 7}, headers=KEY)
    other = await client.post(url, json={"number": number}, headers=KEY)
    assert (other.status_code, other.json()["type"]) == (422, "/problems/idempotency-key-reused")
    assert await numbers(CLERK) == [7]


async def test_callers_do_not_share_keys(client: httpx.AsyncClient, parts: Any, shop: Shop, numbers: Numbers) -> None:
    for headers in ({}, parts.as_("clerk", subject="clerk:2"), parts.as_("clerk", tenant="hanau")):
        answer = await client.post("/v1/things", json={"number": 7}, headers=KEY | headers)
        assert "idempotency-replayed" not in answer.headers
    assert shop.calls == [7, 7, 7]
    assert (await numbers(CLERK), await numbers(Principal("clerk:1", "hanau"))) == ([7, 7], [7])


async def test_without_a_key_every_request_is_carried_out(client: httpx.AsyncClient, numbers: Numbers) -> None:
    for _ in range(2):
        assert (await client.post("/v1/things", json={"number": 7})).status_code == 201
    assert await numbers(CLERK) == [7, 7]


async def test_problem_is_not_kept_so_that_it_can_be_tried_again(
    client: httpx.AsyncClient, shop: Shop, numbers: Numbers
) -> None:
    shop.full = True
    refused = await client.post("/v1/things", json={"number": 7}, headers=KEY)
    assert (refused.status_code, await numbers(CLERK)) == (409, [])
    shop.full = False
    assert (await client.post("/v1/things", json={"number": 7}, headers=KEY)).status_code == 201
    assert await numbers(CLERK) == [7]


async def test_second_request_does_not_wait_for_the_first(
    client: httpx.AsyncClient, shop: Shop, numbers: Numbers
) -> None:
    inside, go_on = asyncio.Event(), asyncio.Event()

    async def wait(_: Principal) -> None:
        inside.set()
        await go_on.wait()

    shop.before_answer = wait
    first = asyncio.create_task(client.post("/v1/things", json={"number": 7}, headers=KEY))
    await inside.wait()
    second = await client.post("/v1/things", json={"number": 7}, headers=KEY)
    assert (second.status_code, second.json()["type"]) == (409, "/problems/request-in-progress")
    go_on.set()
    assert (await first).status_code == 201
    assert await numbers(CLERK) == [7]


async def test_request_that_ended_unseen_wins(
    client: httpx.AsyncClient, shop: Shop, database: Database, numbers: Numbers
) -> None:
    """The other request committed after this one looked: the primary key finds it, and this one leaves nothing."""

    async def other_request(principal: Principal) -> None:
        async with database.session() as connection, connection.transaction():
            await connection.execute("SELECT set_config('app.tenant', $1, true)", principal.tenant_id)
            await connection.execute(
                "INSERT INTO idempotency_key (tenant_id, subject, route, key, body_hash) VALUES ($1, $2, $3, $4, $5)",
                *(principal.tenant_id, principal.subject, "/v1/things", "order-1", b"hash"),
            )

    shop.before_answer = other_request
    answer = await client.post("/v1/things", json={"number": 7}, headers=KEY)
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/request-in-progress")
    assert await numbers(CLERK) == []


async def test_answer_leaves_after_the_commit(client: httpx.AsyncClient, shop: Shop, numbers: Numbers) -> None:
    seen: list[list[int]] = []

    async def look() -> None:
        # Without the context of the request, whose transaction it would join.
        seen.append(await asyncio.create_task(numbers(CLERK), context=Context()))

    shop.on_answer = look
    await client.post("/v1/things", json={"number": 7}, headers=KEY)
    assert seen == [[7]]


@pytest.mark.parametrize("key", ["", "x" * 201, "with space", "tab\t1", "ümlaut".encode()])
async def test_key_in_another_form_is_refused(client: httpx.AsyncClient, numbers: Numbers, key: Any) -> None:
    answer = await client.post("/v1/things", json={"number": 7}, headers={"Idempotency-Key": key})
    body = answer.json()
    assert (answer.status_code, body["errors"][0]["name"]) == (422, "Idempotency-Key")
    assert await numbers(CLERK) == []


async def test_public_route_has_nobody_to_keep_a_key_for(client: httpx.AsyncClient) -> None:
    assert (await client.post("/v1/knocks", headers=KEY)).json() == "come in"


async def test_unreadable_body_keeps_nothing(client: httpx.AsyncClient, shop: Shop) -> None:
    headers = KEY | {"Content-Type": "application/json"}
    assert (await client.post("/v1/things", content=b"{", headers=headers)).status_code == 400
    assert (await client.post("/v1/things", json={"number": 7}, headers=KEY)).status_code == 201
    assert shop.calls == [7]
