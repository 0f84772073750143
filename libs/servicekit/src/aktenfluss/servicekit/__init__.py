"""The technique of a service: database, events, jobs, objects, HTTP and identity."""

from .connection import Connection
from .database import Database
from .database_address import DatabaseAddress
from .embedded_postgres import EmbeddedPostgres
from .errors import ServiceUnavailableError, StorageFullError
from .event_bus import Batch, Consumer, EventBus
from .file_store import FileStore
from .inbox import Inbox
from .jobs import retry_passing
from .object_store import ObjectNotFoundError, ObjectStore
from .parking import ParkedEvent, Parking
from .postgres_bus import PostgresEventBus
from .read_log import ReadLog
from .relay import Relay
from .service import Service
from .settings import ServiceSettings
from .statements import NAMING, Statement, prepare
from .subscriptions import EVERY_TYPE, Handler, Subscriptions
from .transaction import SqlTransaction

__all__ = [
    "EVERY_TYPE",
    "NAMING",
    "Batch",
    "Connection",
    "Consumer",
    "Database",
    "DatabaseAddress",
    "EmbeddedPostgres",
    "EventBus",
    "FileStore",
    "Handler",
    "Inbox",
    "ObjectNotFoundError",
    "ObjectStore",
    "ParkedEvent",
    "Parking",
    "PostgresEventBus",
    "ReadLog",
    "Relay",
    "Service",
    "ServiceSettings",
    "ServiceUnavailableError",
    "SqlTransaction",
    "Statement",
    "StorageFullError",
    "Subscriptions",
    "prepare",
    "retry_passing",
]
