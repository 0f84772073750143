"""The event bus that `EVENT_BUS_URL` names: prepared by `migrate`, required and opened by who carries events."""

from typing import TYPE_CHECKING

import structlog
from prometheus_client import CollectorRegistry

from ..database.databases import Databases
from ..database.limits import Limits
from ..errors import ServiceUnavailableError, UnknownSchemeError
from ..events.event_bus import EventBus
from ..events.kafka_url import KafkaAddress
from ..events.postgres_bus import PostgresEventBus
from ..settings import ServiceSettings

if TYPE_CHECKING:
    from ..events.kafka_bus import KafkaEventBus

BUS = "bus"
BUS_MIGRATIONS = "aktenfluss.servicekit.events.bus_migrations"

log = structlog.get_logger("bus")


async def open_bus(settings: ServiceSettings, databases: Databases, registry: CollectorRegistry) -> EventBus:
    """Return the bus; one on Kafka need not answer yet."""
    if address := kafka_address(settings):
        return kafka_bus(address, settings, registry)
    return await PostgresEventBus.connect(databases.address(BUS).app_dsn, Limits.of(settings))


async def prepare_bus(settings: ServiceSettings, databases: Databases) -> None:
    """Make what the bus needs, its topics or the schema of its log; do nothing where it is."""
    if address := kafka_address(settings):
        await kafka_bus(address, settings).prepare()
    else:
        databases.migrate(BUS, BUS_MIGRATIONS)


async def require_bus(settings: ServiceSettings, databases: Databases) -> None:
    """Raise NotPreparedError unless the bus has what `prepare_bus` makes.

    A service starts without Kafka: its own work goes on. Who carries events finds out as soon as Kafka answers.
    """
    if address := kafka_address(settings):
        try:
            await kafka_bus(address, settings).require()
        except ServiceUnavailableError as exc:
            log.warning("topics not looked at yet", error=type(exc.__cause__).__name__)
    else:
        databases.require_current(BUS, BUS_MIGRATIONS)


def kafka_address(settings: ServiceSettings) -> KafkaAddress | None:
    """Return the Kafka cluster that the settings name, None for the bus in PostgreSQL.

    Raises UnknownSchemeError where no adapter takes `EVENT_BUS_URL`, KafkaUrlError where it names no cluster.
    """
    url = settings.event_bus_url.get_secret_value()
    if url == "postgres:":
        return None
    if not url.startswith("kafka:"):
        raise UnknownSchemeError(f"EVENT_BUS_URL: no event bus for {url.partition(':')[0]}:, only postgres: and kafka:")
    return KafkaAddress.parse(url)


def kafka_bus(
    address: KafkaAddress, settings: ServiceSettings, registry: CollectorRegistry | None = None
) -> "KafkaEventBus":
    from ..events.kafka_bus import KafkaEventBus  # noqa: PLC0415 - a fifth of a second for those without Kafka

    return KafkaEventBus(address, member=settings.instance, registry=registry)
