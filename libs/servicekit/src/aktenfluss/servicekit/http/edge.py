"""The edge of every app: request ids, headers, metrics, one log line, and no exception gets past it."""

import re
import time
from typing import Any

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from aktenfluss.kernel import new_id

from ..tracing import Kind, Span, traceparent_in
from .errors import InternalError
from .exchange import SCOPE_KEY, ApiResources, Exchange
from .metrics import http_metrics
from .problems import DETAILS, problem_response

REQUEST_ID = re.compile(rb"[0-9A-Fa-f][0-9A-Fa-f-]{14,62}[0-9A-Fa-f]")
"""UUIDs and other hexadecimal ids of 16 to 64 characters: wide enough for proxies, too narrow for anything personal."""

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class Edge:
    """Pure ASGI middleware around the app of one service."""

    def __init__(self, app: ASGIApp, *, service: str, version: str, resources: ApiResources) -> None:
        self._app = app
        self._service = service
        self._version = version.encode("ascii")
        self._resources = resources
        self._metrics = http_metrics(resources.registry)
        self._tracer = resources.tracing.of(service)
        self._log = structlog.get_logger()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        with self._tracer.span("request", Kind.SERVER, traceparent_in(scope["headers"])) as span:
            await self._serve(scope, receive, send, span)

    async def _serve(self, scope: Scope, receive: Receive, send: Send, span: Span) -> None:
        exchange = Exchange(self._resources, request_id_of(scope), time.perf_counter())
        scope[SCOPE_KEY] = exchange
        answer = Answer(send, exchange, self._version)
        try:
            await self._app(scope, receive, answer)
        except Exception as exc:
            self._log.error("request failed", service=self._service, request_id=exchange.request_id, exc_info=exc)
            if exchange.status:
                raise  # Half an answer is sent: the server has to break the connection.
            response = problem_response(InternalError(DETAILS[InternalError]), scope)
            await response(scope, receive, answer)
        finally:
            fields = self._record(scope, exchange)
            span.tell(f"{fields['method']} {fields['route']}", fields)

    def _record(self, scope: Scope, exchange: Exchange) -> dict[str, Any]:
        """Count the request, log it, and return what is told of it."""
        seconds = time.perf_counter() - exchange.started
        route = getattr(scope.get("route"), "path", "unknown")
        method = scope["method"] if scope["method"] in METHODS else "OTHER"
        self._metrics.observe(self._service, method, route, exchange.status, seconds)
        fields: dict[str, Any] = {
            "service": self._service,
            "method": method,
            "route": route,
            "status": exchange.status,
            "ms": round(seconds * 1000, 1),
            "request_id": exchange.request_id,
        }
        if exchange.caller is not None:
            fields["tenant"] = exchange.caller.principal.tenant_id
        if exchange.problem is not None:
            fields["problem"], fields["occurrence"] = exchange.problem, str(exchange.occurrence)
        self._log.info("request", **fields)
        return fields


class Answer:
    """Sends the answer with the headers that every answer has, and remembers its status."""

    __slots__ = ("_exchange", "_send", "_version")

    def __init__(self, send: Send, exchange: Exchange, version: bytes) -> None:
        self._send = send
        self._exchange = exchange
        self._version = version

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._exchange.status = message["status"]
            headers = message["headers"]
            present = {name for name, _ in headers}
            for header in (
                (b"x-request-id", self._exchange.request_id.encode("ascii")),
                (b"api-version", self._version),
                (b"x-content-type-options", b"nosniff"),
                (b"cache-control", b"private, no-store"),
            ):
                if header[0] not in present:
                    headers.append(header)
        await self._send(message)


def request_id_of(scope: Scope) -> str:
    """Return the id that an app outside of this one or the client chose, else a new one."""
    outer = scope.get(SCOPE_KEY)
    if outer is not None:
        request_id: str = outer.request_id
        return request_id
    given = next((value for name, value in scope["headers"] if name == b"x-request-id"), b"")
    return given.decode("ascii") if REQUEST_ID.fullmatch(given) else str(new_id())
