"""Compact JSON Web Signatures, read strictly before any key is touched (RFC 7515, RFC 8725)."""

import base64
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

MAX_TOKEN_LENGTH = 8192
SEGMENT = re.compile(r"[A-Za-z0-9_-]+")
KEY_ID = re.compile(r"[A-Za-z0-9._~-]{1,128}")
REFUSED_HEADERS = frozenset({"crit", "jwk", "jku", "x5u", "x5c", "b64", "zip", "enc", "url", "nonce", "cty"})
"""A token that brings its own key, or asks for rules that are not ours, is no token."""


class TokenRefusedError(ValueError):
    """A token breaks a rule; the message names the rule and nothing out of the token."""


@dataclass(frozen=True, slots=True)
class CompactToken:
    """The parts of a token whose form is right; nothing in it is verified yet."""

    header: Mapping[str, Any]
    claims: Mapping[str, Any]
    signed: bytes
    signature: bytes

    @property
    def key_id(self) -> str:
        """The name of the key, a plain word; raises TokenRefusedError for anything that could be a path or a query."""
        name = self.header.get("kid")
        if not isinstance(name, str) or not KEY_ID.fullmatch(name):
            raise TokenRefusedError("the header names no key in the form that keys have")
        return name

    @property
    def algorithm(self) -> str:
        name = self.header.get("alg")
        if not isinstance(name, str):
            raise TokenRefusedError("the header names no algorithm")
        return name


def parse(text: str) -> CompactToken:
    """Return the parts of `text`. Raises TokenRefusedError where the form is not the one RFC 7515 prescribes."""
    if len(text) > MAX_TOKEN_LENGTH:
        raise TokenRefusedError("it is too long")
    segments = text.split(".")
    if len(segments) != 3 or not all(SEGMENT.fullmatch(segment) for segment in segments):
        raise TokenRefusedError("it is not three parts in base64url")
    header, claims, signature = segments
    return CompactToken(
        header=plain_header(json_object(unpadded(header))),
        claims=json_object(unpadded(claims)),
        signed=f"{header}.{claims}".encode("ascii"),
        signature=unpadded(signature),
    )


def plain_header(header: dict[str, Any]) -> dict[str, Any]:
    if not REFUSED_HEADERS.isdisjoint(header):
        raise TokenRefusedError("the header holds a parameter that is not accepted")
    kind = header.get("typ", "JWT")
    if not isinstance(kind, str) or kind.lower() not in ("jwt", "at+jwt"):
        raise TokenRefusedError("the type is not JWT")
    return header


def json_object(content: bytes) -> dict[str, Any]:
    """Return the JSON object in `content`; a name that appears twice is refused, for readers differ on its meaning."""
    try:
        value = json.loads(content.decode("utf-8"), object_pairs_hook=unique_names, parse_constant=no_constant)
    except (UnicodeDecodeError, ValueError, RecursionError) as exc:
        raise TokenRefusedError("a part is not a JSON object with unique names") from exc
    if not isinstance(value, dict):
        raise TokenRefusedError("a part is not a JSON object")
    return value


def unique_names(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = dict(pairs)
    if len(names) != len(pairs):
        raise ValueError("a name appears twice")
    return names


def no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def unpadded(text: str) -> bytes:
    """Decode base64url without padding; raises TokenRefusedError unless `text` is the one spelling of its bytes."""
    try:
        content = base64.b64decode(text.encode("ascii") + b"=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except ValueError as exc:
        raise TokenRefusedError("a part is not base64url") from exc
    if encoded(content) != text:
        raise TokenRefusedError("a part is not canonical base64url")
    return content


def encoded(content: bytes) -> str:
    """Return `content` in base64url without padding."""
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode("ascii")
