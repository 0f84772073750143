"""A client that never gives up: it sends a request until it is answered, and remembers what it was told."""

import asyncio
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import httpx

from aktenfluss.kernel import Role

from .record import Record

PAUSE_SECONDS = 0.1
TRY_AGAIN = frozenset({429, 500, 502, 503, 504, 507})
IN_PROGRESS = "/problems/request-in-progress"


class Caller:
    """Sends requests of several roles; every attempt has an id of its own, by which the audit log knows it."""

    def __init__(self, base_url: str, token: Callable[[Role], str], record: Record) -> None:
        self._client = httpx.AsyncClient(base_url=base_url, timeout=httpx.Timeout(30, connect=5))
        self._tokens = {role: token(role) for role in Role}
        self.record = record

    def token(self, role: Role) -> str:
        return self._tokens[role]

    async def aclose(self) -> None:
        await self._client.aclose()

    async def send(
        self, method: str, path: str, role: Role | None = None, *, audited: str = "", **options: Any
    ) -> httpx.Response:
        """Return the first answer that is not `try again`.

        Where it is a success and the request is one that is `audited`, as events of this name, it is remembered.
        """
        headers = dict(options.pop("headers", {}))
        if role is not None:
            headers["Authorization"] = f"Bearer {self._tokens[role]}"
        while True:
            headers["X-Request-Id"] = str(uuid4())
            answer = await self._try(method, path, headers, options)
            if answer is not None and not is_passing(answer):
                break
            await asyncio.sleep(PAUSE_SECONDS)
        if audited and answer.is_success and "Idempotency-Replayed" not in answer.headers:
            self.record.accesses[headers["X-Request-Id"]] = audited
            if method == "GET":
                self.record.reads.add(headers["X-Request-Id"])
        return answer

    async def _try(self, method: str, path: str, headers: dict[str, str], options: Any) -> httpx.Response | None:
        try:
            return await self._client.request(method, path, headers=headers, **options)
        except httpx.TransportError:
            return None


def is_passing(answer: httpx.Response) -> bool:
    """Return whether the same request may be answered otherwise in a moment."""
    if answer.status_code in TRY_AGAIN:
        return True
    return answer.status_code == 409 and answer.json().get("type") == IN_PROGRESS


def told(answer: httpx.Response) -> Any:
    """Return the JSON of a success; raises AssertionError with the problem of anything else."""
    assert answer.is_success, f"{answer.request.method} {answer.request.url}: {answer.status_code} {answer.text[:500]}"
    return answer.json()
