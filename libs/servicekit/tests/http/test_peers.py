"""Services call each other in one process and over the network with the same meaning."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any, ClassVar

import pytest
from fastapi import APIRouter, Request, Response

from aktenfluss.kernel import Kind, Principal, Problem, Role
from aktenfluss.servicekit import ForbiddenError, ServiceUnavailableError, UnauthenticatedError
from aktenfluss.servicekit.http import Allow, Api, GuardedRoute, problems
from aktenfluss.servicekit.peers import PeerProblem, Peers
from aktenfluss.servicekit.tracing import CURRENT

SCANS = Principal.service("scans", "offenbach", "0190b0a0-0000-7000-8000-000000000001")
type Answer = Callable[[Request], Awaitable[Response]]


class ShelfFullError(Problem):
    """The shelf is full.

    Way out: take another shelf.
    """

    slug: ClassVar[str] = "shelf-full"
    title: ClassVar[str] = "Shelf full"
    kind: ClassVar[Kind] = Kind.CONFLICT


class Shelf:
    """A peer that answers as the test wants and remembers what it was asked."""

    def __init__(self, parts: Any) -> None:
        self.requests: list[dict[str, Any]] = []
        self.failures: list[Exception] = []
        self.traces: list[str | None] = []
        api = Api(name="shelf", title="Shelf", description="Shelf.", resources=parts)
        api.include(self.routes())
        self.app = api.app

    def routes(self) -> APIRouter:
        router = APIRouter(route_class=GuardedRoute)

        @router.api_route("/v1/boxes", methods=["GET", "POST"], responses=problems(ShelfFullError))
        async def put_box(request: Request, principal: Annotated[Principal, Allow(Role.SERVICE)]) -> dict[str, str]:
            body = (await request.body()).decode()
            key = request.headers.get("idempotency-key")
            self.traces.append(request.headers.get("traceparent"))
            self.requests.append({"caller": principal, "body": body, "key": key})
            if self.failures:
                raise self.failures.pop(0)
            return {"stored": "yes"}

        @router.delete("/v1/boxes", status_code=204)
        async def clear(principal: Annotated[Principal, Allow(Role.SERVICE)]) -> None:
            return None

        return router


@pytest.fixture
def shelf(parts: Any) -> Shelf:
    return Shelf(parts)


@pytest.fixture
def peers(parts: Any, shelf: Shelf) -> Peers:
    peers = Peers({}, parts.issuer, pause=0)
    peers.attach("shelf", shelf.app)
    return peers.named("scans")


async def test_call_reaches_the_peer_as_the_service_for_the_tenant(peers: Peers, shelf: Shelf) -> None:
    answer = await peers.call("shelf", "POST", "/v1/boxes", SCANS, json={"label": "ü"}, idempotency_key="k1")
    assert answer == {"stored": "yes"}
    assert shelf.requests == [{"caller": SCANS_AT_SHELF, "body": '{"label":"ü"}', "key": "k1"}]


SCANS_AT_SHELF = Principal("service:scans", "offenbach", frozenset({Role.SERVICE}), SCANS.correlation_id)


@pytest.mark.parametrize("json", [None, {}])
async def test_a_call_carries_the_trace_that_it_belongs_to(peers: Peers, shelf: Shelf, json: Any) -> None:
    traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    outside = CURRENT.set(traceparent)
    await peers.call("shelf", "POST", "/v1/boxes", SCANS, json=json, idempotency_key="k1")
    CURRENT.reset(outside)
    await peers.call("shelf", "POST", "/v1/boxes", SCANS, json=json, idempotency_key="k1")
    assert shelf.traces == [traceparent, None]


async def test_answer_without_a_body_is_none(peers: Peers) -> None:
    assert await peers.call("shelf", "DELETE", "/v1/boxes", Principal("job", "offenbach")) is None


async def test_problem_of_the_peer_keeps_its_words(peers: Peers, shelf: Shelf) -> None:
    shelf.failures = [ShelfFullError("The shelf is full.", free=0)]
    with pytest.raises(PeerProblem) as raised:
        await peers.call("shelf", "GET", "/v1/boxes", SCANS)
    problem = raised.value
    assert (problem.slug, problem.title, problem.kind) == ("shelf-full", "Shelf full", Kind.CONFLICT)
    assert (problem.detail, problem.members) == ("The shelf is full.", {"free": 0})
    assert len(shelf.requests) == 1


@pytest.mark.parametrize(("method", "key"), [("GET", None), ("POST", "k1")])
async def test_call_that_may_be_repeated_is_repeated(peers: Peers, shelf: Shelf, method: str, key: str | None) -> None:
    shelf.failures = [ServiceUnavailableError("not now"), ServiceUnavailableError("not now")]
    await peers.call("shelf", method, "/v1/boxes", SCANS, idempotency_key=key)
    assert len(shelf.requests) == 3


async def test_call_is_not_repeated_for_ever(peers: Peers, shelf: Shelf) -> None:
    shelf.failures = [ServiceUnavailableError("not now") for _ in range(9)]
    with pytest.raises(ServiceUnavailableError, match="The service shelf cannot answer at the moment"):
        await peers.call("shelf", "GET", "/v1/boxes", SCANS)
    assert len(shelf.requests) == 3


@pytest.mark.parametrize("refusal", [UnauthenticatedError, ForbiddenError])
async def test_a_peer_that_does_not_take_our_token_is_no_fault_of_the_caller(
    peers: Peers, shelf: Shelf, refusal: type[Problem]
) -> None:
    shelf.failures = [refusal("The token is not trusted here.") for _ in range(3)]
    with pytest.raises(ServiceUnavailableError, match="The service shelf cannot answer at the moment"):
        await peers.call("shelf", "GET", "/v1/boxes", SCANS)


async def test_call_that_may_not_be_repeated_is_sent_once(peers: Peers, shelf: Shelf) -> None:
    shelf.failures = [ServiceUnavailableError("not now")]
    with pytest.raises(ServiceUnavailableError):
        await peers.call("shelf", "POST", "/v1/boxes", SCANS, json={})
    assert len(shelf.requests) == 1


async def test_peer_that_does_not_listen_is_unavailable(parts: Any, unused_tcp_port: int) -> None:
    peers = Peers({"shelf": f"http://127.0.0.1:{unused_tcp_port}"}, parts.issuer, pause=0)
    with pytest.raises(ServiceUnavailableError, match="does not answer"):
        await peers.call("shelf", "GET", "/v1/boxes", SCANS)
    await peers.close()


async def test_unknown_peer_is_a_mistake_in_the_settings(peers: Peers) -> None:
    with pytest.raises(LookupError, match="no service cupboard"):
        await peers.call("cupboard", "GET", "/v1/boxes", SCANS)


@pytest.mark.parametrize(
    ("status", "content"), [(500, b"Internal Server Error"), (418, b'{"type": 1}'), (404, b"[]"), (301, b"")]
)
async def test_answer_that_is_no_problem_names_its_status_only(parts: Any, status: int, content: bytes) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await Response(content, status)(scope, receive, send)

    peers = Peers({}, parts.issuer, pause=0)
    peers.attach("shelf", app)
    with pytest.raises(PeerProblem, match=f"answered with status {status}"):
        await peers.call("shelf", "GET", "/v1/boxes", SCANS)


async def test_gateway_between_that_fails_is_unavailable(parts: Any) -> None:
    peers = Peers({}, parts.issuer, pause=0)
    peers.attach("shelf", Response(b"<html>", 502))
    with pytest.raises(ServiceUnavailableError):
        await peers.call("shelf", "POST", "/v1/boxes", SCANS)
