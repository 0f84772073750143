"""Checks the event bus: does it answer, and are the topics as they are declared."""

from ..errors import NotPreparedError, ServiceUnavailableError, SettingsError
from ..process.buses import kafka_address, kafka_bus
from ..settings import ServiceSettings
from .finding import Finding, failure, fine

ABSENT = "Start Kafka, or put right EVENT_BUS_URL; until then events wait in the databases."


async def kafka(settings: ServiceSettings) -> list[Finding]:
    """Look at the topics; nothing to tell for the bus in PostgreSQL, whose database is looked at like the others."""
    address = kafka_address(settings)
    if address is None:
        return []
    try:
        await kafka_bus(address, settings).require()
    except (ServiceUnavailableError, SettingsError) as exc:
        return [failure("bus", str(exc), ABSENT)]
    except NotPreparedError as exc:
        return [failure("bus", str(exc).removesuffix(" Run `aktenfluss migrate`."), "Run `aktenfluss migrate`.")]
    return [fine("bus", "Kafka, topics with partitions, copies and retention as declared")]
