"""F4, F5 and F13 in a cluster: the bus stops, the store stops, every process is replaced under load."""

import statistics
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from typing import Any

import httpx
import psycopg
import pytest
from tests.cluster.at_the_door import AtTheDoor
from tests.cluster.installation import SECOND, Cluster
from tests.cluster.process import Process

from aktenfluss.kernel import Role
from aktenfluss.testkit import PATIENCE_SECONDS

from .conftest import content_of
from .invariants import SERVICES

pytestmark = [pytest.mark.faults, pytest.mark.servers]
UNDISTURBED_SECONDS = 5
OUTAGE_SECONDS = 30
DRAINED_SECONDS = 60
NOTICED_SECONDS = 1
"""A request that really waited for the bus would take several."""
END_SECONDS = 10
HARNESS_SECONDS = 2
"""How much later than it is so a loaded machine may let us see that a process has ended."""
WAVES = (("documents-api", "documents-worker", "cases", "scans", "audit"), SECOND)
"""What is replaced at the same time: never both servers of a service."""
ROWS = "SELECT count(*) FROM content"
WAITING = "SELECT count(*) FROM outbox WHERE published_at IS NULL"


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    cluster = Cluster.start(tmp_path_factory.mktemp("cluster"), paired=True)
    yield cluster
    cluster.stop()


def ask(cluster: Cluster, service: str, query: str) -> int:
    with psycopg.connect(cluster.servers.postgres.superuser_url(service)) as connection:
        return connection.execute(query).fetchone()[0]


class Writers(threading.Thread):
    """Asks each service for something, one request after the other; each is tried twice at the most."""

    def __init__(self, cluster: Cluster) -> None:
        super().__init__(daemon=True)
        self._cluster = cluster
        self._ending = threading.Event()
        self.seconds: list[float] = []
        self.failures: list[str] = []
        self.taken: dict[str, bytes] = {}

    def run(self) -> None:
        roles = (Role.CONTRACTOR, Role.RECORDS_MANAGER, Role.AUDITOR)
        with ExitStack() as clients:
            contractor, manager, auditor = (clients.enter_context(self._cluster.client(role)) for role in roles)
            while not self._ending.is_set():
                path, content = content_of(20_000)
                if self._sent(contractor, "PUT", path, content=content):
                    self.taken[path] = content
                number = path[-20:]
                line = f'{{"keeping_authority":"065200","file_number":"{number}","family_name":"Öztürk"}}\n'
                if self._sent(manager, "POST", "/v1/case-files:import", content=line.encode()):
                    order = {"name": number, "file_numbers": [number]}
                    self._sent(manager, "POST", "/v1/scan-orders", json=order, headers={"Idempotency-Key": number})
                self._sent(auditor, "GET", "/v1/audit-checkpoints", params={"limit": "1"})

    def _sent(self, client: httpx.Client, method: str, path: str, **options: Any) -> bool:
        said = []
        for _ in range(2):
            began = time.monotonic()
            try:
                answer = client.request(method, path, **options)
            except httpx.TransportError as error:
                said.append(type(error).__name__)
                continue
            self.seconds.append(time.monotonic() - began)
            if answer.is_success:
                return True
            said.append(f"{answer.status_code} {answer.text[:100]}")
            time.sleep(min(float(answer.headers.get("Retry-After", "1")), 5))
        self.failures.append(f"{method} {path[:40]}: {said}")
        return False

    def end(self) -> None:
        self._ending.set()
        self.join(60)

    def p95(self) -> float:
        return statistics.quantiles(self.seconds, n=20)[-1]


@contextmanager
def writing(cluster: Cluster) -> Iterator[Writers]:
    writers = Writers(cluster)
    writers.start()
    try:
        yield writers
    finally:
        writers.end()


@pytest.fixture(scope="module")
def undisturbed(cluster: Cluster) -> float:
    """Return the p95 of requests while everything runs."""
    with writing(cluster) as writers:
        time.sleep(UNDISTURBED_SECONDS)
    return writers.p95()


def seconds_until_drained(cluster: Cluster) -> float:
    """Return how long it takes until every event is published and applied."""
    began = time.monotonic()
    door = AtTheDoor(cluster)
    while door._owes() or any(ask(cluster, service, WAITING) for service in SERVICES):
        assert time.monotonic() < began + DRAINED_SECONDS, "the backlog is not drained"
        time.sleep(0.2)
    return time.monotonic() - began


@pytest.mark.parametrize("how", ["killed", "frozen"])
def test_f4_writers_do_not_notice_that_the_bus_is_away(
    cluster: Cluster, undisturbed: float, measured: Callable[[str], None], how: str
) -> None:
    kafka = cluster.servers.kafka
    (kafka.kill if how == "killed" else kafka.pause)()
    with writing(cluster) as writers:
        time.sleep(OUTAGE_SECONDS)
    (kafka.start_again if how == "killed" else kafka.resume)()
    drained = seconds_until_drained(cluster)
    p95 = f"p95 {undisturbed * 1000:.0f} ms before, {writers.p95() * 1000:.0f} ms meanwhile"
    measured(f"F4 {how}: {len(writers.seconds)} requests, {p95}, drained after {drained:.1f} s")
    assert writers.failures == []
    assert writers.p95() <= 2 * undisturbed + NOTICED_SECONDS


def test_f5_a_stopped_store_is_told_and_leaves_no_row(cluster: Cluster) -> None:
    path, content = content_of(50_000)
    with cluster.client(Role.CONTRACTOR) as contractor, cluster.client(Role.SERVICE) as service:
        rows = ask(cluster, "documents", ROWS)
        cluster.servers.store.kill()
        refused = contractor.put(path, content=content)
        assert (refused.status_code, refused.json()["type"]) == (503, "/problems/service-unavailable")
        assert int(refused.headers["retry-after"]) > 0
        assert ask(cluster, "documents", ROWS) == rows
        cluster.servers.store.start_again()
        assert contractor.put(path, content=content).status_code == 201
        assert service.get(path).content == content


def test_f13_processes_are_replaced_under_load_and_a_client_that_retries_once_sees_no_error(
    cluster: Cluster, measured: Callable[[str], None]
) -> None:
    ends: dict[str, float] = {}
    with writing(cluster) as writers:
        for wave in WAVES:
            with ThreadPoolExecutor(len(wave)) as pool:
                ends |= zip(wave, pool.map(lambda name: replace(cluster.processes[name]), wave), strict=True)
            wait_for_the_door(cluster)
    measured(f"F13: {len(writers.seconds)} requests; ended after {listed(ends)} s")
    assert writers.failures == []
    assert max(ends.values()) <= END_SECONDS + HARNESS_SECONDS
    with cluster.client(Role.SERVICE) as service:
        assert all(service.get(path).content == content for path, content in writers.taken.items())


def replace(process: Process) -> float:
    """Ask a process to end and start it again; return how many seconds it took to end."""
    began = time.monotonic()
    assert process.terminate() == 0
    seconds = time.monotonic() - began
    process.start_again()
    return seconds


def listed(seconds: Mapping[str, float]) -> str:
    return ", ".join(f"{name} {one:.1f}" for name, one in seconds.items())


def wait_for_the_door(cluster: Cluster) -> None:
    """Give the door the time to see a new process; a rolling update waits for that too."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not cluster.ready():
        assert time.monotonic() < deadline
        time.sleep(0.1)
    time.sleep(3)
