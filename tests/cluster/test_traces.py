"""A trace goes on from process to process, over HTTP and Kafka, and has no personal data."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.acceptance.test_traces import WAY
from tests.contracts.main_job import CANARY, do_main_job
from tests.contracts.test_canary import bad_requests, good_requests

from aktenfluss.testkit import TraceCollector

from .at_the_door import AtTheDoor
from .installation import Cluster

pytestmark = pytest.mark.servers


@pytest.fixture
def traced(data_folder: Path, collector: TraceCollector) -> Iterator[Cluster]:
    cluster = Cluster.start(data_folder / "cluster", environment={"TRACES_ENDPOINT": collector.endpoint})
    yield cluster
    cluster.stop()


async def test_a_delivery_is_one_trace_through_all_processes(
    traced: Cluster, collector: TraceCollector, tmp_path: Path
) -> None:
    everybody = AtTheDoor(traced)
    job = await do_main_job(everybody, tmp_path)
    for method, path, role, options in (*good_requests(job), *bad_requests(job)):
        await everybody.send(method, path, role, **options)
    await everybody.drain()

    steps = collector.wait_for(lambda steps: {step.name for step in steps} >= WAY)
    assert {step.service for step in steps} == {"scans", "documents", "cases", "audit"}
    assert traced.stop() == [0] * len(traced.processes)
    ids = {step.id for step in steps}
    assert len([step for step in steps if step.parent not in ids]) == 1
    assert [step.name for step in collector.steps if CANARY.search(step.text)] == []
