"""The technique of a service: database, events, jobs, objects, HTTP and identity."""

from .connection import Connection
from .database import Database
from .database_address import DatabaseAddress
from .databases import OutdatedSchemaError
from .embedded_postgres import EmbeddedPostgres
from .errors import ServiceUnavailableError, StorageFullError
from .event_bus import Batch, Consumer, EventBus
from .file_store import FileStore
from .folder_lock import FolderInUseError
from .health import Health
from .http import (
    KIT_PROBLEMS,
    STATUS,
    Allow,
    Api,
    ApiResources,
    BodyTooLargeError,
    Caller,
    Check,
    Cursors,
    GuardedRoute,
    IdempotencyKeyReusedError,
    IdempotentRoute,
    InternalError,
    InvalidCursorError,
    InvalidRequestError,
    JsonModel,
    MalformedRequestError,
    MethodNotAllowedError,
    NotFoundError,
    Page,
    PreconditionFailedError,
    PreconditionRequiredError,
    Public,
    RequestInProgressError,
    configure_logging,
    described,
    etag,
    health_routes,
    if_match,
    invalid_request,
    problems,
    routes_without_policy,
)
from .identity import (
    EmbeddedIssuer,
    ForbiddenError,
    Grant,
    Grants,
    KeySource,
    OidcIssuer,
    TokenVerifier,
    TrustedIssuer,
    UnauthenticatedError,
    VerificationKey,
    key_file,
)
from .inbox import Inbox
from .installation import Installation, UnknownSchemeError, open_installation, sole_use
from .jobs import retry_passing
from .object_store import ObjectNotFoundError, ObjectStore
from .parking import ParkedEvent, Parking
from .peers import PeerProblem, Peers, ServiceTokens
from .postgres_bus import PostgresEventBus
from .read_log import ReadLog
from .relay import Relay
from .resources import Resources
from .runner import run
from .sandbox import KillReason, Sandbox, SandboxBrokenError, SandboxKilledError, SandboxRefusedError
from .service import Service
from .settings import ServiceSettings
from .statements import NAMING, Statement, prepare
from .subscriptions import EVERY_TYPE, Handler, Subscriptions
from .transaction import SqlTransaction

__all__ = [
    "EVERY_TYPE",
    "KIT_PROBLEMS",
    "NAMING",
    "STATUS",
    "Allow",
    "Api",
    "ApiResources",
    "Batch",
    "BodyTooLargeError",
    "Caller",
    "Check",
    "Connection",
    "Consumer",
    "Cursors",
    "Database",
    "DatabaseAddress",
    "EmbeddedIssuer",
    "EmbeddedPostgres",
    "EventBus",
    "FileStore",
    "FolderInUseError",
    "ForbiddenError",
    "Grant",
    "Grants",
    "GuardedRoute",
    "Handler",
    "Health",
    "IdempotencyKeyReusedError",
    "IdempotentRoute",
    "Inbox",
    "Installation",
    "InternalError",
    "InvalidCursorError",
    "InvalidRequestError",
    "JsonModel",
    "KeySource",
    "KillReason",
    "MalformedRequestError",
    "MethodNotAllowedError",
    "NotFoundError",
    "ObjectNotFoundError",
    "ObjectStore",
    "OidcIssuer",
    "OutdatedSchemaError",
    "Page",
    "ParkedEvent",
    "Parking",
    "PeerProblem",
    "Peers",
    "PostgresEventBus",
    "PreconditionFailedError",
    "PreconditionRequiredError",
    "Public",
    "ReadLog",
    "Relay",
    "RequestInProgressError",
    "Resources",
    "Sandbox",
    "SandboxBrokenError",
    "SandboxKilledError",
    "SandboxRefusedError",
    "Service",
    "ServiceSettings",
    "ServiceTokens",
    "ServiceUnavailableError",
    "SqlTransaction",
    "Statement",
    "StorageFullError",
    "Subscriptions",
    "TokenVerifier",
    "TrustedIssuer",
    "UnauthenticatedError",
    "UnknownSchemeError",
    "VerificationKey",
    "configure_logging",
    "described",
    "etag",
    "health_routes",
    "if_match",
    "invalid_request",
    "key_file",
    "open_installation",
    "prepare",
    "problems",
    "retry_passing",
    "routes_without_policy",
    "run",
    "sole_use",
]
