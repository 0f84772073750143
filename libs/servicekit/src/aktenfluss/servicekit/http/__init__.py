"""HTTP as every service speaks it: problems, policies, idempotency, cursors, conditional changes, logs, metrics."""

from .api import Api
from .cursors import Cursor, Cursors
from .errors import (
    KIT_PROBLEMS,
    BodyTooLargeError,
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
)
from .exchange import ApiResources, Caller
from .health import Check, health_routes
from .idempotency import IdempotentRoute
from .logging import configure_logging
from .policy import Allow, Public, routes_without_policy
from .preconditions import etag, if_match
from .problems import STATUS, described, invalid_request, problems
from .routing import GuardedRoute
from .wire import JsonModel, Page

__all__ = [
    "KIT_PROBLEMS",
    "STATUS",
    "Allow",
    "Api",
    "ApiResources",
    "BodyTooLargeError",
    "Caller",
    "Check",
    "Cursor",
    "Cursors",
    "GuardedRoute",
    "IdempotencyKeyReusedError",
    "IdempotentRoute",
    "InternalError",
    "InvalidCursorError",
    "InvalidRequestError",
    "JsonModel",
    "MalformedRequestError",
    "MethodNotAllowedError",
    "NotFoundError",
    "Page",
    "PreconditionFailedError",
    "PreconditionRequiredError",
    "Public",
    "RequestInProgressError",
    "configure_logging",
    "described",
    "etag",
    "health_routes",
    "if_match",
    "invalid_request",
    "problems",
    "routes_without_policy",
]
