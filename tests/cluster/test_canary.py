"""Personal data stays where it belongs in a cluster too: not in a log, on the bus, in a key of the store, or in a metric."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from tests.contracts.main_job import CANARY, do_main_job
from tests.contracts.test_canary import bad_requests, good_requests

from aktenfluss.testkit import PATIENCE_SECONDS

from .at_the_door import AtTheDoor
from .installation import Cluster

pytestmark = pytest.mark.servers


@pytest.fixture
async def traffic(cluster: Cluster, tmp_path: Path) -> None:
    """Do the main job with a name in every place, then send everything else."""
    everybody = AtTheDoor(cluster)
    job = await do_main_job(everybody, tmp_path)
    for method, path, role, options in (*good_requests(job), *bad_requests(job)):
        await everybody.send(method, path, role, **options)
    await everybody.drain()


def written(cluster: Cluster) -> Iterator[tuple[str, str]]:
    """Yield what was written outside of the databases, by its place."""
    for log in cluster.folder.glob("*.log"):
        yield log.name, log.read_text(errors="replace")
    for file in (cluster.servers.kafka.folder / "data").rglob("*"):
        if file.is_file():
            yield f"bus: {file.name}", file.read_bytes().decode(errors="replace")
    for server in (cluster.servers.kafka, cluster.servers.store, cluster.servers.postgres):
        yield server.log.name, server.log.read_text(errors="replace")
    for path in cluster.servers.store.data.rglob("*"):
        yield "key of the store", str(path)
    for name, process in cluster.processes.items():
        yield (
            f"metrics of {name}",
            httpx.get(f"http://{process.address}/metrics", timeout=PATIENCE_SECONDS).raise_for_status().text,
        )


async def test_no_canary_gets_out(traffic: None, cluster: Cluster) -> None:
    places = list(written(cluster))

    # Finding nothing proves something only where something was written.
    assert any("case-file-opened" in text for place, text in places if place.startswith("bus"))
    assert any("sha256" in text for place, text in places if place.startswith("key"))
    assert {f"{name}.log" for name in (*cluster.processes, "haproxy")} <= {place for place, text in places if text}
    assert [(place, CANARY.search(text)) for place, text in places if CANARY.search(text)] == []
