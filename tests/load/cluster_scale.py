"""The main job at growing sizes on a cluster with some relay slots and consumers: speed, cost and lag."""

import asyncio
import statistics
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import asyncpg
from tests.cluster.installation import Cluster, command_of
from tests.cluster.process import Process
from tests.cluster.servers import DATABASES

from aktenfluss.kernel import SystemClock
from aktenfluss.servicekit import EmbeddedIssuer
from aktenfluss.standalone.commands.demonstration import demo_tokens

from .cluster_processes import product_pids, server_pids
from .main_job import Load, prepare, push_until_filed
from .pace import Pace
from .processes import cpu_seconds_of

CASE_FILES, DOCUMENTS = 25, 8
"""The main job at 1x: so many case files of so many documents."""
PATIENCE_SECONDS = 120
FACTS = "SELECT id, created_at FROM outbox WHERE created_at >= $1"
APPLIED = "SELECT id, applied_at FROM inbox WHERE applied_at >= $1"


@dataclass(frozen=True)
class Point:
    """One main job: its size, and what was measured.

    CPU time is that of all processes until the audit has every event; `pace_ms` is that of the same small work meanwhile.
    Lag is from the commit of an event to the transaction in which the audit applies it.
    """

    workers: int
    scale: int
    stock_before: int
    documents: int
    documents_per_second: float
    product_cpu_ms: float
    server_cpu_ms: float
    lag_p95_ms: float
    pace_ms: float

    @property
    def cpu_ms(self) -> float:
        """CPU milliseconds per document."""
        return self.product_cpu_ms + self.server_cpu_ms

    @property
    def cost(self) -> float:
        """What a document costs in pieces of the small work, however fast the cores were."""
        return self.cpu_ms / self.pace_ms


def measure(workers: int, scales: Sequence[int], folder: Path) -> Iterator[Point]:
    """Yield a point for each scale, one after the other on the same installation, after a job to warm up."""
    with cluster_of(workers, folder / "cluster") as (cluster, further):
        stock = 0
        for number, scale in enumerate([1, *scales]):
            job = folder / f"job-{number}"
            job.mkdir()
            point = asyncio.run(measure_job(cluster, further, job, scale, stock))
            stock += scale * CASE_FILES
            if number:
                yield point


@contextmanager
def cluster_of(workers: int, folder: Path) -> Iterator[tuple[Cluster, list[Process]]]:
    """Run a cluster with so many relay slots, and so many processes that do the work of each service."""
    cluster = Cluster.start(folder, environment={"RELAY_SLOTS": str(workers)})
    further = [worker for service in DATABASES for worker in further_workers(cluster, service, workers)]
    try:
        for worker in further:
            worker.launch()
        for worker in further:
            worker.wait_until_serving()
        yield cluster, further
    finally:
        for worker in further:
            worker.stop()
        cluster.stop()


def further_workers(cluster: Cluster, service: str, workers: int) -> Iterator[Process]:
    first = cluster.processes.get(service) or cluster.processes[f"{service}-worker"]
    for number in range(2, workers + 1):
        name = f"{service}-worker-{number}"
        worker = Process(cluster.folder, name, command_of(name, ()))
        worker.settings = first.settings | {"PORT": str(worker.port), "INSTANCE": name}
        yield worker


async def measure_job(cluster: Cluster, further: list[Process], folder: Path, scale: int, stock: int) -> Point:
    tokens = demo_tokens(EmbeddedIssuer.open(cluster.folder / "keys", SystemClock()))
    load = Load(items=scale * CASE_FILES, documents=DOCUMENTS)
    delivery = await prepare(cluster.base_url, tokens, folder, load)
    await quiet(cluster)
    since = await one_value(cluster, "audit", "SELECT now()")
    product, servers = [*product_pids(cluster), *(worker.pid for worker in further)], server_pids(cluster)
    product_cpu, server_cpu = cpu_seconds_of(product), cpu_seconds_of(servers)
    with Pace() as pace:
        seconds = await push_until_filed(cluster.base_url, tokens, delivery, load)
        await quiet(cluster)
    return Point(
        workers=max(1, 1 + len(further) // len(DATABASES)),
        scale=scale,
        stock_before=stock,
        documents=load.total,
        documents_per_second=load.total / seconds,
        product_cpu_ms=(cpu_seconds_of(product) - product_cpu) * 1000 / load.total,
        server_cpu_ms=(cpu_seconds_of(servers) - server_cpu) * 1000 / load.total,
        lag_p95_ms=await lag_p95(cluster, since) * 1000,
        pace_ms=pace.ms,
    )


async def quiet(cluster: Cluster) -> None:
    """Return once every event is published, and applied by the audit."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while await waiting(cluster):
        if time.monotonic() > deadline:
            raise RuntimeError(f"events are still under way after {PATIENCE_SECONDS} s")
        await asyncio.sleep(0.2)


async def waiting(cluster: Cluster) -> int:
    published = sum([await one_value(cluster, service, "SELECT count(*) FROM outbox") for service in DATABASES])
    return published - await one_value(cluster, "audit", "SELECT count(*) FROM inbox")


async def lag_p95(cluster: Cluster, since: datetime) -> float:
    committed = {
        row["id"]: row["created_at"] for service in DATABASES for row in await rows(cluster, service, FACTS, since)
    }
    applied = {row["id"]: row["applied_at"] for row in await rows(cluster, "audit", APPLIED, since)}
    lags = [(applied[event] - at).total_seconds() for event, at in committed.items()]
    return statistics.quantiles(lags, n=20)[-1]


async def one_value(cluster: Cluster, service: str, query: str):
    return (await rows(cluster, service, query))[0][0]


async def rows(cluster: Cluster, service: str, query: str, *values: object) -> list[asyncpg.Record]:
    connection = await asyncpg.connect(cluster.servers.postgres.superuser_url(service))
    try:
        return await connection.fetch(query, *values)
    finally:
        await connection.close()
