"""The server as the contractor's tool sees it: the push protocol over HTTP, with patience."""

from collections.abc import AsyncIterable, Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Self

import httpx
from pydantic import BaseModel, ConfigDict, ValidationError
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception, stop_after_attempt, wait_random_exponential

from aktenfluss.kernel import Kind, Problem

from .finding import Finding

type Body = bytes | AsyncIterable[bytes]

# 507 and 429 go away like 503; the others are said by proxies while the server behind them restarts.
_TRY_AGAIN = frozenset({429, 500, 502, 503, 504, 507})
# Another request moved the end of the upload, for example an earlier try whose answer a proxy gave up.
_MOVED = "upload-offset-mismatch"


class Answer(BaseModel):
    """What the server says about a delivery; what is not needed here is ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    delivery: str
    state: str
    missing: tuple["MissingContent", ...] = ()
    items: tuple[dict[str, Any], ...] = ()
    findings: tuple[Finding, ...] = ()


class MissingContent(BaseModel):
    """A content that the server lacks. Its path is ours to know: a server's word must not choose a local file."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    content: str


class ServerUnavailableError(Problem):
    """The server could not be reached, or did not recover, for as long as the tool tried.

    Way out: check the URL and the network, then run the push again: it continues where it stopped.
    """

    slug = "server-unavailable"
    title = "The server is unavailable"
    kind = Kind.UNAVAILABLE


class ServerRefusedError(Problem):
    """The server refused a request of the push, or what answered is not the server.

    Way out: do what `detail` and `findings` say, or check the URL and the token, then run the push again.
    """

    slug = "server-refused"
    title = "The server refused"
    kind = Kind.INVALID

    def __init__(self, detail: str, status: int, slug: str = "", findings: tuple[Finding, ...] = ()) -> None:
        super().__init__(detail, status=status, problem=slug)
        self.status = status
        self.moved = slug == _MOVED
        self.findings = findings

    @classmethod
    def of(cls, response: httpx.Response) -> Self:
        """Return the refusal that `response` is, with the words of its problem where it has some."""
        try:
            said = _Said.model_validate_json(response.content)
        except ValidationError:
            said = _Said()
        slug = said.type.rsplit("/", 1)[-1]
        detail = f"{response.status_code} {slug or response.reason_phrase} {said.detail}".strip()
        return cls(detail, response.status_code, slug, said.findings)


class _Said(BaseModel):
    """The members of a problem body that the tool shows."""

    type: str = ""
    detail: str = ""
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Patience:
    """How often to try one request, and how long to wait in between, in seconds; a Retry-After comes first."""

    attempts: int = 8
    first_wait: float = 0.2
    longest_wait: float = 30.0

    def wait(self, state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        if isinstance(error, _NotNowError) and error.retry_after is not None:
            return min(error.retry_after, self.longest_wait)
        return wait_random_exponential(multiplier=self.first_wait, max=self.longest_wait)(state)


class _NotNowError(Exception):
    """The server asked for patience."""

    def __init__(self, response: httpx.Response) -> None:
        super().__init__(f"the server answers {response.status_code}")
        after = response.headers.get("Retry-After", "")
        self.retry_after = float(after) if after.isdecimal() else None


class Server:
    """The push protocol. Every call may be made again; each tries as long as `patience` says."""

    def __init__(self, client: httpx.AsyncClient, patience: Patience) -> None:
        self._client = client
        self._patience = patience

    async def announce(self, delivery: str, tag_files: Mapping[str, str], index: str) -> Answer:
        body = {"tag_files": dict(tag_files), "index": index}
        return _answer(await self.persist(lambda: self._send("PUT", _delivery_path(delivery), json=body)))

    async def complete(self, delivery: str, *, accept_missing: bool) -> Answer:
        path, body = f"{_delivery_path(delivery)}:complete", {"accept_missing": accept_missing}
        return _answer(await self.persist(lambda: self._send("POST", path, json=body)))

    async def look_up(self, delivery: str) -> Answer:
        return _answer(await self.persist(lambda: self._send("GET", _delivery_path(delivery))))

    async def stored_bytes(self, content: str) -> int | None:
        """Return how many bytes of a content are there, None where it is complete; tries once."""
        response = await self._send("HEAD", _content_path(content))
        if response.status_code == 404:
            offset = response.headers.get("Upload-Offset", "0")
            return int(offset) if offset.isdecimal() else 0
        _expect_success(response)
        return None

    async def put_content(self, content: str, body: Body, headers: Mapping[str, str]) -> None:
        """Send a content, or a piece of it; tries once."""
        _expect_success(await self._send("PUT", _content_path(content), content=body, headers=headers))

    async def persist[T](self, work: Callable[[], Awaitable[T]]) -> T:
        """Do `work` until it succeeds; raises ServerUnavailableError when patience ends."""

        async def attempt() -> T:
            return await work()

        retrying = AsyncRetrying(
            retry=retry_if_exception(_passes),
            stop=stop_after_attempt(self._patience.attempts),
            wait=self._patience.wait,
            reraise=True,
        )
        try:
            return await retrying(attempt)
        except (httpx.TransportError, _NotNowError) as error:
            raise ServerUnavailableError(str(error) or type(error).__name__) from error

    async def _send(self, method: str, path: str, **options: Any) -> httpx.Response:
        response = await self._client.request(method, path, **options)
        if response.status_code in _TRY_AGAIN:
            raise _NotNowError(response)
        return response


def _passes(error: BaseException) -> bool:
    """Tell whether the same work may succeed; a push asks first what the server has."""
    return isinstance(error, httpx.TransportError | _NotNowError) or (
        isinstance(error, ServerRefusedError) and error.moved
    )


def _answer(response: httpx.Response) -> Answer:
    _expect_success(response)
    try:
        return Answer.model_validate_json(response.content)
    except ValidationError as error:
        raise ServerRefusedError("this is not the answer of an Aktenfluss server", response.status_code) from error


def _expect_success(response: httpx.Response) -> None:
    if not response.is_success:
        raise ServerRefusedError.of(response)


def _delivery_path(delivery: str) -> str:
    return f"/v1/deliveries/{delivery}"


def _content_path(content: str) -> str:
    return f"/v1/contents/{content}"
