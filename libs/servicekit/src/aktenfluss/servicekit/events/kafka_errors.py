"""How what goes wrong with Kafka is told to those who only know the port."""

from collections.abc import Iterator
from contextlib import contextmanager

from aiokafka.errors import KafkaError

from ..errors import ServiceUnavailableError

FAILURES = (KafkaError, OSError, TimeoutError)


@contextmanager
def telling_absence() -> Iterator[None]:
    """Raise ServiceUnavailableError for whatever the client fails with: all of it is waited for."""
    try:
        yield
    except FAILURES as exc:
        raise ServiceUnavailableError(f"the event bus does not answer: {type(exc).__name__}") from exc
