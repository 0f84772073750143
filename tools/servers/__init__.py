"""Real servers on the loopback, for tests and for trying the product out: built once, started, killed, stopped."""

from .kafka import Kafka
from .process import ServerError

__all__ = ["Kafka", "ServerError"]
