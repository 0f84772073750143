"""Calls from one service to another: in the same process or over the network, with the same meaning."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, ClassVar, Protocol

import httpx
import orjson
from starlette.types import ASGIApp
from tenacity import AsyncRetrying, retry_if_exception_type, stop_after_attempt, wait_random_exponential

from aktenfluss.kernel import RETRYABLE, Kind, Principal, Problem

from .http import STATUS
from .peer_lines import Lines, PeerUnavailableError
from .tracing import trace_header

ATTEMPTS = 3
IDEMPOTENT = frozenset({"GET", "HEAD", "PUT", "DELETE"})
NOT_THE_CALLERS = frozenset({401, 403, 502, 504})
"""Statuses that tell of the way to a peer, or of our own token there: not of the one for whom it is called."""
KINDS: Mapping[int, Kind] = {status: kind for kind, status in STATUS.items()}


class ServiceTokens(Protocol):
    """Obtains the tokens with which services call each other."""

    async def service_token(self, service: str, tenant_id: str) -> str:
        """Return a token of `service` that reaches the records of `tenant_id`."""
        ...


class PeerProblem(Problem):
    """Another service answered with a problem; slug, title and kind are that service's.

    Way out: that of the problem itself.
    """

    slug: ClassVar[str] = "peer-problem"
    title: ClassVar[str] = "Problem of another service"
    kind: ClassVar[Kind] = Kind.INTERNAL


class Peers:
    """Calls other services by name, as the service `caller`."""

    def __init__(
        self,
        urls: Mapping[str, str],
        tokens: ServiceTokens,
        *,
        caller: str = "aktenfluss",
        lines: Lines | None = None,
        pause: float = 0.2,
    ) -> None:
        """Reach the services in `urls` over the network, or those of `lines`; those attached later in this process."""
        self._lines = lines or Lines(urls)
        self._tokens = tokens
        self._caller = caller
        self._pause = pause

    def named(self, caller: str) -> "Peers":
        """Return the same peers for calls of the service `caller`; they share what is attached and connected."""
        return Peers({}, self._tokens, caller=caller, lines=self._lines, pause=self._pause)

    def attach(self, name: str, app: ASGIApp) -> None:
        """Reach the service `name` in this process, by a call of its app."""
        self._lines.attach(name, app)

    async def close(self) -> None:
        """End the connections."""
        await self._lines.close()

    async def call(
        self,
        name: str,
        method: str,
        path: str,
        principal: Principal,
        *,
        json: Any = None,
        idempotency_key: str | None = None,
    ) -> Any:
        """Send a request for the principal's tenant and return the JSON of the answer, None where it has no body.

        A request that may be repeated (by its method or its key) is sent up to three times. Raises PeerProblem, and
        ServiceUnavailableError where the peer does not answer.
        """
        request = self._request(name, method, path, await self._headers(principal), json)
        if idempotency_key is not None:
            request.headers["Idempotency-Key"] = idempotency_key
        return await self._sent(name, request, repeatable=method in IDEMPOTENT or idempotency_key is not None)

    async def read_public(self, name: str, path: str) -> Any:
        """Return the JSON of what everybody may read of a peer. Raises as `call`."""
        return await self._sent(name, self._request(name, "GET", path, {}, None), repeatable=True)

    async def _headers(self, principal: Principal) -> dict[str, str]:
        token = await self._tokens.service_token(self._caller, principal.tenant_id)
        known = {"X-Request-Id": principal.correlation_id} if principal.correlation_id else {}
        return {"Authorization": f"Bearer {token}"} | known

    def _request(self, name: str, method: str, path: str, headers: Mapping[str, str], json: Any) -> httpx.Request:
        client = self._lines.to(name).client
        traced = {**headers, **trace_header()}
        if json is None:
            return client.build_request(method, path, headers=traced)
        typed = {**traced, "Content-Type": "application/json"}
        return client.build_request(method, path, headers=typed, content=orjson.dumps(json))

    async def _sent(self, name: str, request: httpx.Request, *, repeatable: bool) -> Any:
        retrying = AsyncRetrying(
            stop=stop_after_attempt(ATTEMPTS if repeatable else 1),
            wait=wait_random_exponential(self._pause, max=2.0),
            retry=retry_if_exception_type(PeerUnavailableError),
            reraise=True,
        )
        return await retrying(self._send, name, request)

    async def _send(self, name: str, request: httpx.Request) -> Any:
        response = await self._lines.to(name).send(request)
        if response.is_success:
            return orjson.loads(response.content) if response.content else None
        raise problem_of(name, response)


def problem_of(name: str, response: httpx.Response) -> Problem:
    """Return the problem in `response`; one that goes away by itself as unavailable, so that the call is repeated."""
    kind = KINDS.get(response.status_code, Kind.INTERNAL)
    if kind in RETRYABLE or response.status_code in NOT_THE_CALLERS:
        return PeerUnavailableError(f"The service {name} cannot answer at the moment.")
    try:
        body = response.json()
        members = {key: body[key] for key in body if key not in ("type", "title", "status", "detail", "instance")}
        slug = str(body["type"]).rpartition("/")[2]
        return peer_problem(slug, str(body["title"]), kind)(str(body["detail"]), **members)
    except (ValueError, KeyError, TypeError):
        return PeerProblem(f"The service {name} answered with status {response.status_code}.")


@lru_cache(maxsize=256)
def peer_problem(slug: str, title: str, kind: Kind) -> type[PeerProblem]:
    """Return PeerProblem with the words of another service's problem."""
    return type(
        "PeerProblem", (PeerProblem,), {"slug": slug, "title": title, "kind": kind, "__doc__": PeerProblem.__doc__}
    )
