"""Conditional changes: the ETag of a version and the If-Match that names it (RFC 9110, section 13)."""

import re

from .errors import PreconditionFailedError, PreconditionRequiredError

STRONG_VERSION = re.compile(r'"(0|[1-9][0-9]{0,17})"')


def etag(version: int) -> str:
    """Return the strong ETag of `version`."""
    return f'"{version}"'


def if_match(header: str | None) -> int:
    """Return the version that `header` names.

    Raises PreconditionRequiredError without a header, and with `*`, which would overwrite a version never read;
    PreconditionFailedError for anything that cannot be an ETag of ours, a weak one included.
    """
    if header is None or header.strip() == "*":
        raise PreconditionRequiredError("If-Match must name the ETag of the version that is changed")
    match = STRONG_VERSION.fullmatch(header.strip())
    if match is None:
        raise PreconditionFailedError("If-Match does not name one ETag of this resource")
    return int(match[1])
