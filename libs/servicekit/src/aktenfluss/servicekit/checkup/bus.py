"""Checks the event bus: does it answer, are the topics as they are declared, and is every event on enough brokers."""

from ..errors import NotPreparedError, ServiceUnavailableError, SettingsError
from ..events.kafka_url import KafkaAddress
from ..process.buses import kafka_address, kafka_bus
from ..settings import ServiceSettings
from .finding import Finding, failure, fine

ABSENT = "Start Kafka, or put right EVENT_BUS_URL; until then events wait in the databases."


async def kafka(settings: ServiceSettings) -> list[Finding]:
    """Look at topics, copies and brokers; none are told of the bus in PostgreSQL, whose database has its own checks."""
    address = kafka_address(settings)
    if address is None:
        return []
    try:
        return [await topics(address, settings), *await standing(address)]
    except (ServiceUnavailableError, SettingsError) as exc:
        return [failure("bus", str(exc), ABSENT)]


async def topics(address: KafkaAddress, settings: ServiceSettings) -> Finding:
    try:
        await kafka_bus(address, settings).require()
    except NotPreparedError as exc:
        return failure("bus", str(exc).removesuffix(" Run `aktenfluss migrate`."), "Run `aktenfluss migrate`.")
    return fine("bus", "Kafka, topics with partitions, copies and retention as declared")


async def standing(address: KafkaAddress) -> list[Finding]:
    """Tell where the copies are, and how the brokers are set."""
    from ..events.kafka_state import state_of  # noqa: PLC0415 - a fifth of a second for those without Kafka
    from .copies import brokers, copies  # noqa: PLC0415 - likewise

    state = await state_of(address)
    there = [copies(state)] if state.partitions else []
    return [*there, brokers(state, address.replication)]
