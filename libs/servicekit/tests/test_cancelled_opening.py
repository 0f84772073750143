"""Whoever is cancelled while it connects ends soon and leaves nothing behind: no task, no thread, no connection."""

import asyncio
import gc
import logging
import socket
import socketserver
import struct
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager

import psutil
import pytest

from aktenfluss.kernel import Principal, SystemClock
from aktenfluss.servicekit import Database, OidcIssuer, Peers, S3Store, S3Url
from aktenfluss.servicekit.events.inbox import Inbox
from aktenfluss.servicekit.events.kafka_bus import KafkaEventBus
from aktenfluss.servicekit.events.kafka_limits import KafkaLimits
from aktenfluss.servicekit.events.kafka_state import state_of
from aktenfluss.servicekit.events.kafka_url import KafkaAddress
from aktenfluss.servicekit.events.namesakes import Namesakes
from aktenfluss.servicekit.events.postgres_bus import PostgresEventBus
from aktenfluss.servicekit.events.pulse import Pulse
from aktenfluss.servicekit.events.relay import Relay
from aktenfluss.servicekit.events.subscriptions import Subscriptions
from aktenfluss.servicekit.process import jobs
from aktenfluss.testkit import PATIENCE_SECONDS
from aktenfluss.testkit.event_bus_contract import event

type Opening = Callable[[str, AsyncExitStack], Coroutine[object, object, object]]
"""Connects to the server at `host:port`; what belongs to its whole process is closed by the stack."""


class Token:
    """Stands for the tokens of a process."""

    async def service_token(self, *_: str) -> str:
        return "token"


def dsn(place: str) -> str:
    return f"postgresql://cases_app@{place}/cases"


def kafka(place: str, closing: AsyncExitStack) -> KafkaEventBus:
    bus = KafkaEventBus(KafkaAddress.parse(f"kafka://{place}"), limits=KafkaLimits(request=2, hand_over=2))
    closing.push_async_callback(bus.close)
    return bus


async def publish(place: str, closing: AsyncExitStack) -> None:
    bus = kafka(place, closing)
    await bus._publisher.publish([event("key")])


async def consume(place: str, closing: AsyncExitStack) -> None:
    bus = kafka(place, closing)
    bus._seen = True
    await bus.consumer("group", ["cases"])


async def ask_store(place: str, closing: AsyncExitStack) -> None:
    store = S3Store(S3Url.parse(f"s3://key:secret@{place}/bucket?region=r&tls=false"), read_seconds=1)
    closing.push_async_callback(store.close)
    await store.size("a")


async def ask_peer(place: str, closing: AsyncExitStack) -> None:
    peers = Peers({"cases": f"http://{place}"}, Token())
    closing.push_async_callback(peers.close)
    await peers.call("cases", "GET", "/v1/case-files", Principal.service("test", "offenbach"))


async def ask_issuer(place: str, closing: AsyncExitStack) -> None:
    issuer = OidcIssuer(f"http://{place}", SystemClock())
    closing.push_async_callback(issuer.close)
    await issuer.fetch()


OPENINGS: dict[str, Opening] = {
    "database": lambda place, _: Database.connect(dsn(place)),
    "bus in PostgreSQL": lambda place, _: PostgresEventBus.connect(dsn(place)),
    "relay": lambda place, _: Relay(dsn(place), None, asyncio.Event()).run(),
    "namesakes": lambda place, _: Namesakes(dsn(place), "cases", "cases-1", Pulse()).run(),
    "jobs": lambda place, _: jobs.run_worker(jobs.open_jobs(dsn(place))),
    "failed jobs": lambda place, _: jobs.retry_failed(jobs.open_jobs(dsn(place))),
    "topics": lambda place, closing: kafka(place, closing).require(),
    "state of Kafka": lambda place, _: state_of(KafkaAddress.parse(f"kafka://{place}")),
    "inbox": lambda place, closing: Inbox("cases", None, kafka(place, closing), Subscriptions(frozenset({"cases"}))).run(),
    "publisher": publish,
    "consumer": consume,
    "store": ask_store,
    "peer": ask_peer,
    "issuer": ask_issuer,
}  # fmt: skip


@asynccontextmanager
async def silent_server() -> AsyncIterator[tuple[str, Callable[[], Awaitable[socket.socket]]]]:
    """Give the place of a server that says nothing, and what waits for its next caller."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0)

        async def called() -> socket.socket:
            return (await asyncio.get_running_loop().sock_accept(server))[0]

        yield f"127.0.0.1:{server.getsockname()[1]}", called


def connections(place: str) -> list[object]:
    """Return what this process has open to the server at `place`."""
    port = int(place.rpartition(":")[2])
    return [one for one in psutil.Process().net_connections("tcp") if one.raddr and one.raddr.port == port]


@pytest.mark.parametrize("moment", ["at once", "while it waits", "as the line is lost"])
@pytest.mark.parametrize("opening", OPENINGS.values(), ids=OPENINGS.keys())
async def test_a_cancelled_opening_leaves_nothing_behind(opening, moment, caplog):
    caplog.set_level(logging.CRITICAL, "psycopg.pool")  # a record that is kept keeps frames, and these a connection
    threads = set(threading.enumerate())
    async with silent_server() as (place, called):
        async with AsyncExitStack() as closing:
            task = asyncio.create_task(opening(place, closing))
            if moment == "at once":
                await asyncio.sleep(0)
                task.cancel()
            else:
                with await called():
                    task.cancel()
                    if moment == "while it waits":
                        await asyncio.wait([task], timeout=PATIENCE_SECONDS)
            await asyncio.wait([task], timeout=PATIENCE_SECONDS)
            assert task.done(), "it goes on"
        await asyncio.gather(task, return_exceptions=True)
        assert asyncio.all_tasks() == {asyncio.current_task()}
        gc.collect()
        assert connections(place) == []
    assert {one for one in set(threading.enumerate()) - threads if not one.name.startswith("asyncio_")} == set()


ENCRYPTION, CANCEL = frozenset({80877103, 80877104}), 80877102
"""The numbers by which a client asks for TLS or GSSAPI, and for the end of a statement (PostgreSQL 18, 54.7)."""
GREETING = b"".join(
    letter + struct.pack(">i", len(rest) + 4) + rest
    for letter, rest in (
        (b"R", struct.pack(">i", 0)),
        (b"S", b"server_version\x0018.0\x00"),
        (b"S", b"client_encoding\x00UTF8\x00"),
        (b"S", b"standard_conforming_strings\x00on\x00"),
        (b"S", b"integer_datetimes\x00on\x00"),
        (b"K", struct.pack(">ii", 1, 1)),
        (b"Z", b"I"),
    )
)


class Greeter(socketserver.StreamRequestHandler):
    """Lets a client of PostgreSQL in, and says nothing to what it asks then."""

    asked: threading.Event

    def handle(self) -> None:
        while (number := self._number()) in ENCRYPTION:
            self.wfile.write(b"N")
        if number == CANCEL:
            return
        self.wfile.write(GREETING)
        while self.request.recv(1 << 16):
            self.asked.set()

    def _number(self) -> int:
        length, number = struct.unpack(">ii", self.rfile.read(8))
        self.rfile.read(length - 8)
        return number


@pytest.fixture
def greeter():
    """Give the place of a server that lets everybody in, and what is set once it was asked something."""
    asked = threading.Event()
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), type("", (Greeter,), {"asked": asked})) as server:
        server.daemon_threads = True
        serving = threading.Thread(target=server.serve_forever, args=(0.05,))
        serving.start()
        yield f"127.0.0.1:{server.server_address[1]}", asked
        server.shutdown()
        serving.join()


async def read(place: str, closing: AsyncExitStack) -> None:
    database = await Database.connect(dsn(place))
    closing.push_async_callback(database.close)
    async with database.reading(Principal.service("test", "offenbach")) as tx:
        await tx.connection.fetchval("SELECT 1")


STATEMENTS = {"read": read, **{name: OPENINGS[name] for name in ("relay", "namesakes", "jobs", "failed jobs")}}


@pytest.mark.parametrize("opening", STATEMENTS.values(), ids=STATEMENTS.keys())
async def test_who_is_cancelled_at_the_first_statement_leaves_nothing_behind(opening, greeter, caplog):
    caplog.set_level(logging.CRITICAL, "psycopg.pool")
    place, asked = greeter
    async with AsyncExitStack() as closing:
        task = asyncio.create_task(opening(place, closing))
        assert await asyncio.to_thread(asked.wait, PATIENCE_SECONDS)
        task.cancel()
        await asyncio.wait([task], timeout=PATIENCE_SECONDS)
        assert task.done(), "it goes on"
    await asyncio.gather(task, return_exceptions=True)
    assert asyncio.all_tasks() == {asyncio.current_task()}
    gc.collect()
    assert [one for one in connections(place) if one.laddr.port != int(place.rpartition(":")[2])] == []
