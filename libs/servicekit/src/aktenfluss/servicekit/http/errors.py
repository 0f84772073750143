"""The problems that every service can answer with, whatever it does."""

from typing import ClassVar

from aktenfluss.kernel import Kind, Problem

from ..errors import ServiceUnavailableError, StorageFullError
from ..identity import ForbiddenError, UnauthenticatedError


class InvalidRequestError(Problem):
    """The request is well-formed, but a value in it breaks a rule.

    Way out: `errors` lists every broken rule, with a JSON Pointer into the body or the name of the parameter. Correct
    them and send the request again; nothing was changed.
    """

    slug: ClassVar[str] = "invalid-request"
    title: ClassVar[str] = "Invalid request"
    kind: ClassVar[Kind] = Kind.INVALID


class MalformedRequestError(Problem):
    """The request cannot be read: it is not JSON, not UTF-8, or it ended early.

    Way out: send the body as JSON in UTF-8, whole, with `Content-Type: application/json`.
    """

    slug: ClassVar[str] = "malformed-request"
    title: ClassVar[str] = "Malformed request"
    kind: ClassVar[Kind] = Kind.MALFORMED


class NotFoundError(Problem):
    """No resource of this API has the path that was asked for.

    Way out: compare the path with the API description; paths have no trailing slash.
    """

    slug: ClassVar[str] = "not-found"
    title: ClassVar[str] = "Not found"
    kind: ClassVar[Kind] = Kind.NOT_FOUND


class MethodNotAllowedError(Problem):
    """The resource exists, but does not know the method.

    Way out: use one of the methods that the Allow header lists.
    """

    slug: ClassVar[str] = "method-not-allowed"
    title: ClassVar[str] = "Method not allowed"
    kind: ClassVar[Kind] = Kind.METHOD_NOT_ALLOWED


class BodyTooLargeError(Problem):
    """The body of the request is larger than this resource accepts.

    Way out: `limit_bytes` says how much is accepted. Send less at once; contents go up in chunks.
    """

    slug: ClassVar[str] = "body-too-large"
    title: ClassVar[str] = "Body too large"
    kind: ClassVar[Kind] = Kind.TOO_LARGE


class IdempotencyKeyReusedError(Problem):
    """The Idempotency-Key was used before, for a request that was different.

    Way out: take a new key for each new request, and the same key only to repeat one.
    """

    slug: ClassVar[str] = "idempotency-key-reused"
    title: ClassVar[str] = "Idempotency-Key reused"
    kind: ClassVar[Kind] = Kind.INVALID


class RequestInProgressError(Problem):
    """A request with the same Idempotency-Key is still being worked on.

    Way out: wait a moment and send the same request again with the same key; it is not carried out twice.
    """

    slug: ClassVar[str] = "request-in-progress"
    title: ClassVar[str] = "Request in progress"
    kind: ClassVar[Kind] = Kind.CONFLICT


class InvalidCursorError(Problem):
    """The cursor was not made by this service, or was changed.

    Way out: take `next` from the last page as it is, or begin again without a cursor.
    """

    slug: ClassVar[str] = "invalid-cursor"
    title: ClassVar[str] = "Invalid cursor"
    kind: ClassVar[Kind] = Kind.MALFORMED


class PreconditionRequiredError(Problem):
    """A change was sent without saying which version it changes.

    Way out: read the resource, then send its ETag as If-Match together with the change.
    """

    slug: ClassVar[str] = "precondition-required"
    title: ClassVar[str] = "If-Match required"
    kind: ClassVar[Kind] = Kind.PRECONDITION_REQUIRED


class PreconditionFailedError(Problem):
    """The resource is no longer the version that the change was made for.

    Way out: read the resource again, make the change anew and send it with the new ETag as If-Match.
    """

    slug: ClassVar[str] = "precondition-failed"
    title: ClassVar[str] = "Version is stale"
    kind: ClassVar[Kind] = Kind.PRECONDITION_FAILED


class InternalError(Problem):
    """Something went wrong inside that no rule foresees.

    Way out: tell the operator the `instance` of this answer; the log has a line with it. Nothing was changed.
    """

    slug: ClassVar[str] = "internal-error"
    title: ClassVar[str] = "Internal error"
    kind: ClassVar[Kind] = Kind.INTERNAL


KIT_PROBLEMS: tuple[type[Problem], ...] = (
    BodyTooLargeError,
    ForbiddenError,
    IdempotencyKeyReusedError,
    InternalError,
    InvalidCursorError,
    InvalidRequestError,
    MalformedRequestError,
    MethodNotAllowedError,
    NotFoundError,
    PreconditionFailedError,
    PreconditionRequiredError,
    RequestInProgressError,
    ServiceUnavailableError,
    StorageFullError,
    UnauthenticatedError,
)
"""Every problem of the kit, in the order of their names."""
