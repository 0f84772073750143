"""Idempotency-Key: a POST that is sent twice is carried out once, and answered twice with the same."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import asyncpg
from fastapi import Request, Response

from aktenfluss.kernel import Principal

from ..database.transaction import SqlTransaction
from .errors import IdempotencyKeyReusedError, InvalidRequestError, RequestInProgressError
from .exchange import exchange_of
from .routing import GuardedRoute, Handler

HEADER = "Idempotency-Key"
KEY = re.compile(r"[!-~]{1,200}")
KEY_RULE = "1 to 200 visible ASCII characters, without spaces"
PARAMETER = {
    "name": HEADER,
    "in": "header",
    "required": False,
    "description": "A key of your choice; a request that is sent again with it is not carried out again.",
    "schema": {"type": "string", "pattern": f"^{KEY.pattern}$"},
}

# The lock is tried, never waited for. It is taken after the statement's snapshot: a row that was committed in between
# stays unseen, and the primary key finds it at the end.
CLAIM = """
SELECT held.free, k.body_hash, k.status, k.headers, k.body
FROM (SELECT pg_try_advisory_xact_lock($1) AS free) AS held
LEFT JOIN idempotency_key AS k ON k.tenant_id = $2 AND k.subject = $3 AND k.route = $4 AND k.key = $5
"""
KEEP = """
INSERT INTO idempotency_key (tenant_id, subject, route, key, body_hash, status, headers, body)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
"""


class IdempotentRoute(GuardedRoute):
    """The route class of every router that changes something: honours Idempotency-Key on POST.

    The key is kept in the transaction of the use case (ADR 0016): both are committed before the answer leaves, or
    neither. A problem rolls both back, so the same key may be tried again. A POST that records a read takes no key:
    the read log commits on a connection of its own, and would wait for it while this transaction holds another one.
    """

    def __init__(self, path: str, endpoint: Any, **options: Any) -> None:
        self.own_problems = ()
        if "POST" in (options.get("methods") or ()):
            self.own_problems = (IdempotencyKeyReusedError, RequestInProgressError)
            extra = dict(options.get("openapi_extra") or {})
            options["openapi_extra"] = {**extra, "parameters": [*extra.get("parameters", []), PARAMETER]}
        super().__init__(path, endpoint, **options)

    def serving(self, answer: Handler) -> Handler:
        if "POST" not in (self.methods or ()):
            return answer

        async def once(request: Request) -> Response:
            caller = exchange_of(request.scope).caller
            if caller is None or HEADER not in request.headers:
                return await answer(request)
            database = exchange_of(request.scope).resources.database
            assert database is not None  # a service that keeps nothing has no such route
            attempt = await Attempt.of(request, caller.principal, self.path_format)
            async with database.transaction(caller.principal) as tx:
                return await attempt.claim(tx) or await attempt.keep(tx, await answer(request))

        return once


@dataclass(frozen=True, slots=True)
class Attempt:
    """One request with a key."""

    identity: tuple[str, str, str, str]
    fingerprint: bytes

    @classmethod
    async def of(cls, request: Request, principal: Principal, route: str) -> "Attempt":
        """Return the attempt; two of the same key must agree in URL and body."""
        key = request.headers[HEADER]
        if not KEY.fullmatch(key):
            error = {"in": "header", "name": HEADER, "rule": "pattern", "detail": KEY_RULE}
            raise InvalidRequestError("The Idempotency-Key is not in its form.", errors=[error])
        url = str(request.url.path).encode("utf-8", "surrogatepass") + b"?" + request.scope["query_string"]
        fingerprint = hashlib.sha256(url + b"\0" + await request.body()).digest()
        return cls((principal.tenant_id, principal.subject, route, key), fingerprint)

    async def claim(self, tx: SqlTransaction) -> Response | None:
        """Return the answer that is kept, or None where this attempt is the first.

        Raises IdempotencyKeyReusedError, RequestInProgressError.
        """
        row = await tx.connection.fetchrow(CLAIM, self.lock, *self.identity)
        assert row is not None
        if row["body_hash"] is None:
            if not row["free"]:
                raise in_progress()
            return None
        if row["body_hash"] != self.fingerprint:
            raise IdempotencyKeyReusedError("The Idempotency-Key was used for another request.")
        return replayed(row["status"], row["headers"], row["body"])

    async def keep(self, tx: SqlTransaction, response: Response) -> Response:
        """Keep `response` in the transaction that it reports on."""
        headers = [[name.decode("latin-1"), value.decode("latin-1")] for name, value in response.raw_headers]
        try:
            await tx.connection.execute(
                KEEP, *self.identity, self.fingerprint, response.status_code, headers, bytes(response.body)
            )
        except asyncpg.UniqueViolationError as exc:
            raise in_progress() from exc
        return response

    @property
    def lock(self) -> int:
        """The number of the advisory lock."""
        return int.from_bytes(hashlib.sha256("\0".join(self.identity).encode()).digest()[:8], signed=True)


def in_progress() -> RequestInProgressError:
    return RequestInProgressError("A request with this Idempotency-Key is being worked on.")


def replayed(status: int, headers: Sequence[Sequence[str]], body: bytes) -> Response:
    response = Response(body, status)
    response.raw_headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers]
    response.headers["Idempotency-Replayed"] = "true"
    return response
