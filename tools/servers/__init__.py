"""Real servers on the loopback, for tests and for trying the product out: built once, started, killed, stopped."""

from .kafka import Kafka
from .minio import Minio
from .postgres import PostgresServer
from .process import ServerError
from .versitygw import Versitygw

__all__ = ["Kafka", "Minio", "PostgresServer", "ServerError", "Versitygw"]
