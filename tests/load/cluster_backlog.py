"""A stopped bus: what is committed meanwhile waits in the outbox, and is applied once the bus serves again."""

import asyncio
import json
import time

import asyncpg
from tests.cluster.installation import Cluster

from aktenfluss.kernel import Role

from .figures import Figure

EVENTS = 20_000
PATIENCE_SECONDS = 300


def measure(cluster: Cluster) -> list[Figure]:
    """Stop Kafka, commit a stock list, start Kafka; the clock starts once Kafka serves."""
    before = asyncio.run(applied(cluster))
    cluster.servers.kafka.kill()
    import_seconds = import_stock(cluster)
    begin = time.perf_counter()
    cluster.servers.kafka.start_again()
    serving = time.perf_counter()
    early = asyncio.run(applied(cluster)) - before
    asyncio.run(wait_for(cluster, before + EVENTS))
    seconds = time.perf_counter() - serving
    told = (
        f"committed in {import_seconds:.1f} s without a bus; Kafka took {serving - begin:.1f} s to serve, "
        f"{early} were applied by then"
    )
    return [Figure(f"backlog of {EVENTS:,} events applied by audit", seconds, "s", told, "<= 60", "<= 20")]


def import_stock(cluster: Cluster) -> float:
    """Open a case file per event; its answer comes from a service whose bus is gone."""
    lines = b"".join(
        json.dumps({"keeping_authority": "065200", "file_number": f"BACKLOG-{n}", "family_name": "Öztürk"}).encode()
        + b"\n"
        for n in range(EVENTS)
    )
    begin = time.perf_counter()
    with cluster.client(Role.RECORDS_MANAGER) as client:
        answer = client.post("/v1/case-files:import", content=lines, timeout=PATIENCE_SECONDS).raise_for_status()
    summary = json.loads(answer.text.splitlines()[-1])["summary"]
    if summary["created"] != EVENTS:
        raise RuntimeError(f"{EVENTS} lines were sent, the report says {summary}")
    return time.perf_counter() - begin


async def wait_for(cluster: Cluster, count: int) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while await applied(cluster) < count:
            await asyncio.sleep(0.1)


async def applied(cluster: Cluster) -> int:
    """Return how many events of `cases` the audit has applied."""
    connection = await asyncpg.connect(cluster.servers.postgres.superuser_url("audit"))
    try:
        return await connection.fetchval(
            "SELECT count(*) FROM audit_record WHERE type LIKE 'de.aktenfluss.cases.case-file-opened.%'"
        )
    finally:
        await connection.close()
