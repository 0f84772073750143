"""Cursors of lists: sealed, so that a client can neither read nor change them."""

import hashlib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Annotated, Any

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from pydantic import Field

from ..identity.compact import encoded, unpadded
from .errors import InvalidCursorError

MAX_LENGTH = 2048
PURPOSE = b"aktenfluss cursor v1"

# In the description only: a text of another form is no cursor of ours, which has a problem of its own.
Cursor = Annotated[
    str,
    Field(
        description="`next` of the page before.",
        json_schema_extra={"maxLength": MAX_LENGTH, "pattern": "^[A-Za-z0-9_-]*$"},
    ),
]
"""The parameter of a list with which the next page is asked for."""


class Cursors:
    """Seals positions in a list and opens them again.

    A position may hold a name (lists are sorted by it) and a cursor stands in a URL, so it is encrypted and not only
    signed. AES-SIV (RFC 5297) is deterministic: the same position gives the same cursor. The first of the secrets seals,
    all of them open.
    """

    def __init__(self, secrets: Sequence[bytes]) -> None:
        if any(len(secret) < 32 for secret in secrets):
            raise ValueError("the secret of cursors needs 32 bytes")
        self._ciphers = [AESSIV(hashlib.sha512(PURPOSE + secret).digest()) for secret in secrets]

    def encode(self, position: Mapping[str, Any]) -> str:
        """Return the cursor of `position`; UUIDs and instants come back as text."""
        sealed = self._ciphers[0].encrypt(orjson.dumps(dict(position)), [PURPOSE])
        return encoded(sealed)

    def decode(self, text: str) -> dict[str, Any]:
        """Return the position. Raises InvalidCursorError for anything that `encode` did not return."""
        if len(text) > MAX_LENGTH:
            raise InvalidCursorError("The cursor is longer than one of this list can be.")
        try:
            position: dict[str, Any] = orjson.loads(self._opened(unpadded(text)))
        except ValueError as exc:
            raise InvalidCursorError("The cursor is not one of this list.") from exc
        return position

    def _opened(self, sealed: bytes) -> bytes:
        for cipher in self._ciphers:
            with suppress(InvalidTag):
                return cipher.decrypt(sealed, [PURPOSE])
        raise ValueError("no secret opens it")
