"""What the tests of this folder share: a service that listens to the scratch service, and a real Kafka."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable, Iterator

import pytest
from tools.servers import Kafka

from aktenfluss.kernel import Event, Principal
from aktenfluss.servicekit import Inbox, Relay, ServiceUnavailableError, Subscriptions
from aktenfluss.servicekit.events.kafka_bus import KafkaEventBus
from aktenfluss.servicekit.events.kafka_url import KafkaAddress
from aktenfluss.servicekit.events.pulse import Pulse
from aktenfluss.testkit import PATIENCE_SECONDS

SCRATCH = frozenset({"scratch"})
TYPE = "de.aktenfluss.scratch.thing-added.v1"

type OpenBus = Callable[..., KafkaEventBus]
type Listening = Callable[..., Inbox]


class Applied:
    """A consumer that adds what it hears to `thing`, but for its own echo, and fails for what it is told to."""

    def __init__(self, add) -> None:
        self.seen: list[tuple[str, int]] = []
        self.bad_keys: dict[str, Exception] = {}
        self.bad_tenants: set[str] = set()
        self._add = add

    async def handle(self, event: Event) -> None:
        if event.key == "echo":
            return
        if error := self.bad_keys.get(event.key):
            raise error
        if event.tenant_id in self.bad_tenants:
            raise ValueError
        number = event.data["number"]
        self.seen.append((event.key, number))
        await self._add(Principal.service("consumer", event.tenant_id), 1000 + number, key="echo")

    def of(self, key: str) -> list[int]:
        return [number for seen, number in self.seen if seen == key]


@pytest.fixture
def applied(add) -> Applied:
    return Applied(add)


@pytest.fixture
def listening(database, bus) -> Listening:
    """Give a function that makes a worker of the service, with its handler, and a bus or a pulse of its own."""

    def listen(handle, *, bus=bus, pulse: Pulse | None = None) -> Inbox:
        return Inbox("consumer", database, bus, Subscriptions(SCRATCH, {TYPE: handle}), pulse)

    return listen


@pytest.fixture
def inbox(listening, applied) -> Inbox:
    return listening(applied.handle)


@pytest.fixture
def relay(address, bus, database) -> Relay:
    return Relay(address.app_dsn, bus, database.committed_facts)


@pytest.fixture(scope="session")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kafka]:
    with Kafka.start(tmp_path_factory.mktemp("kafka")) as server:
        yield server


@pytest.fixture
def kafka_address(kafka: Kafka) -> KafkaAddress:
    """Give the address of an installation of its own: nobody has published there."""
    return KafkaAddress.parse(f"{kafka.url}&prefix=test-{secrets.token_hex(4)}.")


@pytest.fixture
async def open_bus(kafka_address: KafkaAddress) -> AsyncIterator[OpenBus]:
    """Give a function that connects another process to the cluster; its topics are there."""
    buses: list[KafkaEventBus] = []

    def connect(**options: object) -> KafkaEventBus:
        buses.append(KafkaEventBus(kafka_address, **options))
        return buses[-1]

    await prepare(connect())
    yield connect
    for bus in buses:
        await bus.close()


async def prepare(bus: KafkaEventBus) -> None:
    """Make the topics, as soon as the cluster has taken back a broker that a test before paused."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            try:
                return await bus.prepare()
            except ServiceUnavailableError:
                await asyncio.sleep(0.2)
