"""Reads requests strictly: sizes, UTF-8, and text that could not be stored."""

import json
from typing import Any
from urllib.parse import unquote_to_bytes

from fastapi import Request
from starlette.types import Message, Receive, Scope

from .errors import BodyTooLargeError, InvalidRequestError, MalformedRequestError
from .wire import is_storable

DEFAULT_BODY_LIMIT = 1 << 20
"""Bytes of a request's body; a route that takes more says `max_body_size=`."""


class StrictRequest(Request):
    """A request whose JSON is UTF-8 and nothing else; the standard library would guess UTF-16 and pass surrogates."""

    async def json(self) -> Any:
        content = await self.body()
        return json.loads(content.decode("utf-8"), parse_float=number)


def number(text: str) -> int | float:
    """Return a number that is written with a point or exponent; in JSON 1.0 is the integer 1 (JSON Schema, 4.2.3)."""
    value = float(text)
    return int(value) if value.is_integer() else value


def strict_request(request: Request, limit: int) -> Request:
    """Return `request` so that reading more than `limit` bytes raises BodyTooLargeError."""
    declared = request.headers.get("content-length")
    if declared is not None and content_length(declared) > limit:
        raise too_large(limit)
    return StrictRequest(request.scope, counted(request.receive, limit))


def counted(receive: Receive, limit: int) -> Receive:
    total = 0

    async def receive_counted() -> Message:
        nonlocal total
        message = await receive()
        if message["type"] == "http.request":
            total += len(message.get("body", b""))
            if total > limit:
                raise too_large(limit)
        return message

    return receive_counted


def content_length(declared: str) -> int:
    if not (declared.isascii() and declared.isdigit()):
        raise MalformedRequestError("Content-Length is not a number.")
    return int(declared[:19])


def too_large(limit: int) -> BodyTooLargeError:
    return BodyTooLargeError(f"The body is larger than {limit} bytes.", limit_bytes=limit)


def require_storable_url(scope: Scope) -> None:
    """Refuse a path or query that is not UTF-8 (400) or holds text that could not be stored (422)."""
    query: bytes = scope["query_string"]
    if b"%" in query:
        require_storable(query, "query")
    path: bytes = scope.get("raw_path") or b""
    if b"%" in path:
        require_storable(path, "path")


def require_storable(part: bytes, place: str) -> None:
    try:
        # A lone surrogate in UTF-8 shape is a character that cannot be stored, all else is not UTF-8 at all.
        text = unquote_to_bytes(part).decode("utf-8", "surrogatepass")
    except UnicodeDecodeError as exc:
        raise MalformedRequestError(f"The {place} of the URL is not UTF-8.") from exc
    if not is_storable(text):
        error = {"in": place, "rule": "unstorable_text", "detail": "Text must not hold U+0000 or a lone surrogate."}
        raise InvalidRequestError(f"The {place} of the URL holds text that cannot be stored.", errors=[error])
