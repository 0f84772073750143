"""Real servers on the loopback, for tests and for trying the product out: built once, started, killed, stopped."""

from .haproxy import HAProxy
from .kafka import Kafka
from .minio import Minio
from .postgres import PostgresServer
from .process import ServerError, free_port
from .tessdata import latin_model
from .versitygw import Versitygw

__all__ = ["HAProxy", "Kafka", "Minio", "PostgresServer", "ServerError", "Versitygw", "free_port", "latin_model"]
