"""Digests as they are written everywhere: `sha256:` and 64 hexadecimal digits."""

import hashlib
from typing import Annotated

from pydantic import StringConstraints

DIGEST_PATTERN = r"^sha256:[0-9a-f]{64}$"

Digest = Annotated[str, StringConstraints(pattern=DIGEST_PATTERN)]
"""The name of a content: the algorithm, a colon, the lower-case hexadecimal value."""


def digest_of(content: bytes) -> str:
    """Return the SHA-256 digest of `content` in its written form."""
    return f"sha256:{hashlib.sha256(content).hexdigest()}"
