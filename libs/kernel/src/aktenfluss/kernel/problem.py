"""The one error type: what went wrong, in which kind, and the way out (RFC 9457)."""

from enum import StrEnum
from typing import ClassVar


class Kind(StrEnum):
    """What a problem means to its caller; HTTP and the inbox each map it in one table."""

    MALFORMED = "malformed"
    UNAUTHENTICATED = "unauthenticated"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not_found"
    METHOD_NOT_ALLOWED = "method_not_allowed"
    NOT_ACCEPTABLE = "not_acceptable"
    CONFLICT = "conflict"
    PRECONDITION_FAILED = "precondition_failed"
    TOO_LARGE = "too_large"
    UNSUPPORTED_MEDIA_TYPE = "unsupported_media_type"
    RANGE_NOT_SATISFIABLE = "range_not_satisfiable"
    INVALID = "invalid"
    PRECONDITION_REQUIRED = "precondition_required"
    TOO_MANY_REQUESTS = "too_many_requests"
    INTERNAL = "internal"
    UNAVAILABLE = "unavailable"
    STORAGE_FULL = "storage_full"


RETRYABLE = frozenset({Kind.UNAVAILABLE, Kind.STORAGE_FULL, Kind.TOO_MANY_REQUESTS})
"""Kinds that go away by themselves: a consumer waits and tries again."""


class Problem(Exception):  # noqa: N818 - RFC 9457 calls it a problem
    """Something that a caller can act on.

    A subclass sets `slug`, `title` and `kind`; its docstring says in the first paragraph what happened and in a
    paragraph that starts with "Way out:" what to do. The page of the problem is generated from it.
    `detail` names the item and the rule, never personal data; `members` are the extension members of the body.
    """

    slug: ClassVar[str]
    title: ClassVar[str]
    kind: ClassVar[Kind]

    def __init__(self, detail: str, **members: object) -> None:
        super().__init__(detail)
        self.detail = detail
        self.members = members
