"""A process tells a collector of what it does where one is named, and nobody otherwise."""

import asyncio
from pathlib import Path

import pytest

from aktenfluss.kernel import Role
from aktenfluss.testkit import TraceCollector

from .conftest import ONE_PROCESS
from .contractor import push
from .door import Door
from .test_main_job import open_order, wait_for

OF_THE_SDK = "google/_upb"
"""The library by which it writes messages; a process that traces nothing does not pay for it."""
WAY = {
    "POST /v1/deliveries/{delivery}:complete",
    "job check_delivery",
    "POST /v1/documents",
    "publish de.aktenfluss.scans.item-accepted.v1",
    "apply de.aktenfluss.scans.item-accepted.v1",
    "publish de.aktenfluss.cases.entries-filed.v1",
    "apply de.aktenfluss.cases.entries-filed.v1",
}


@pytest.fixture
def serve(data_folder: Path):
    """Give a function that serves an installation with other settings, until the test ends."""
    if not ONE_PROCESS:
        pytest.skip("about settings of one process")
    door = Door(data_folder)

    def start(**environment: str) -> Door:
        door.launch(environment)
        door.wait_until_ready()
        return door

    yield start
    if door.runs:
        door.end()


def ask(door: Door) -> None:
    with door.client(Role.CLERK) as clerk:
        clerk.get("/v1/case-files").raise_for_status()


def test_a_push_is_one_trace_until_its_files_are_filed(serve, collector: TraceCollector, tmp_path: Path) -> None:
    door = serve(TRACES_ENDPOINT=collector.endpoint)
    order = open_order(door, 1)
    order.pack(tmp_path / "BOX-1", {item: [2, 1] for item in order.items})
    asyncio.run(push(tmp_path / "BOX-1", door.base_url, door.token(Role.CONTRACTOR)))
    wait_for(door, order, filed=1)
    steps = collector.wait_for(lambda steps: {step.name for step in steps} >= WAY)
    assert {step.service for step in steps} == {"scans", "documents", "cases", "audit"}


def test_what_is_left_is_handed_over_at_the_end(serve, collector: TraceCollector) -> None:
    door = serve(TRACES_ENDPOINT=collector.endpoint)
    ask(door)
    assert OF_THE_SDK in Path(f"/proc/{door.pid}/maps").read_text()
    assert door.end() == 0
    assert "GET /v1/case-files" in {step.name for step in collector.steps}


def test_a_process_of_which_nobody_asked_it_traces_nothing(serve, collector: TraceCollector) -> None:
    """The variables of OpenTelemetry, which an operator of the cluster may set for all pods, are no such wish."""
    base = collector.endpoint.removesuffix("/v1/traces")
    door = serve(OTEL_EXPORTER_OTLP_ENDPOINT=base, OTEL_TRACES_EXPORTER="otlp")
    ask(door)
    assert OF_THE_SDK not in Path(f"/proc/{door.pid}/maps").read_text()
    assert door.end() == 0
    assert collector.steps == []
