"""The technique of a service: database, events, jobs, objects, HTTP and identity."""

from .backup.backup import back_up
from .backup.manifest import BackupError, Manifest
from .backup.place import open_backup_store
from .backup.restore import restore_databases, restore_objects
from .checkup.checkup import check_up, worst
from .checkup.finding import Finding, Outcome
from .database.address import DatabaseAddress
from .database.connection import Connection
from .database.database import Database
from .database.databases import OutdatedSchemaError
from .database.embedded_postgres import EmbeddedPostgres
from .database.limits import Limits
from .database.statements import NAMING, Statement, prepare
from .database.transaction import SqlTransaction
from .errors import NotPreparedError, ServiceUnavailableError, SettingsError, StorageFullError, UnknownSchemeError
from .events.event_bus import Batch, Consumer, EventBus
from .events.inbox import Inbox
from .events.parking import ParkedEvent, Parking
from .events.postgres_bus import PostgresEventBus
from .events.read_log import ReadLog
from .events.relay import Relay
from .events.subscriptions import EVERY_TYPE, Handler, Subscriptions
from .folder_lock import FolderInUseError
from .http import (
    KIT_PROBLEMS,
    STATUS,
    Allow,
    Api,
    ApiResources,
    BodyTooLargeError,
    Caller,
    Check,
    Cursor,
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
    KeyBundle,
    KeySource,
    OidcIssuer,
    TokenVerifier,
    TrustedIssuer,
    UnauthenticatedError,
    VerificationKey,
    key_file,
)
from .objects.file_store import FileStore
from .objects.object_store import ObjectNotFoundError, ObjectStore, StoreCapabilities
from .objects.s3_errors import StoreRefusedError
from .objects.s3_store import S3Store
from .objects.s3_url import S3Url
from .objects.temporary_copies import TemporaryCopies
from .peers import PeerProblem, Peers, ServiceTokens
from .process.command_line import finished, main
from .process.health import Health
from .process.installation import Installation, open_installation, sole_use
from .process.jobs import retry_failed, retry_passing, until_next_time
from .process.measures import Measure
from .process.program import Joined, Program, program_of
from .process.resources import Resources
from .process.runner import run
from .process.service import Service
from .sandbox import KillReason, Sandbox, SandboxBrokenError, SandboxKilledError, SandboxRefusedError
from .settings import ProcessRole, ServiceSettings

__all__ = [
    "EVERY_TYPE",
    "KIT_PROBLEMS",
    "NAMING",
    "STATUS",
    "Allow",
    "Api",
    "ApiResources",
    "BackupError",
    "Batch",
    "BodyTooLargeError",
    "Caller",
    "Check",
    "Connection",
    "Consumer",
    "Cursor",
    "Cursors",
    "Database",
    "DatabaseAddress",
    "EmbeddedIssuer",
    "EmbeddedPostgres",
    "EventBus",
    "FileStore",
    "Finding",
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
    "Joined",
    "JsonModel",
    "KeyBundle",
    "KeySource",
    "KillReason",
    "Limits",
    "MalformedRequestError",
    "Manifest",
    "Measure",
    "MethodNotAllowedError",
    "NotFoundError",
    "NotPreparedError",
    "ObjectNotFoundError",
    "ObjectStore",
    "OidcIssuer",
    "Outcome",
    "OutdatedSchemaError",
    "Page",
    "ParkedEvent",
    "Parking",
    "PeerProblem",
    "Peers",
    "PostgresEventBus",
    "PreconditionFailedError",
    "PreconditionRequiredError",
    "ProcessRole",
    "Program",
    "Public",
    "ReadLog",
    "Relay",
    "RequestInProgressError",
    "Resources",
    "S3Store",
    "S3Url",
    "Sandbox",
    "SandboxBrokenError",
    "SandboxKilledError",
    "SandboxRefusedError",
    "Service",
    "ServiceSettings",
    "ServiceTokens",
    "ServiceUnavailableError",
    "SettingsError",
    "SqlTransaction",
    "Statement",
    "StorageFullError",
    "StoreCapabilities",
    "StoreRefusedError",
    "Subscriptions",
    "TemporaryCopies",
    "TokenVerifier",
    "TrustedIssuer",
    "UnauthenticatedError",
    "UnknownSchemeError",
    "VerificationKey",
    "back_up",
    "check_up",
    "configure_logging",
    "described",
    "etag",
    "finished",
    "health_routes",
    "if_match",
    "invalid_request",
    "key_file",
    "main",
    "open_backup_store",
    "open_installation",
    "prepare",
    "problems",
    "program_of",
    "restore_databases",
    "restore_objects",
    "retry_failed",
    "retry_passing",
    "routes_without_policy",
    "run",
    "sole_use",
    "until_next_time",
    "worst",
]
