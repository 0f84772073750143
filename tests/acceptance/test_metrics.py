"""Every metric that docs/metrics.md tells of is shown by a running process, and no other."""

import os
import re
from pathlib import Path

import httpx
import pytest
from scripts.reference.metrics_table import metrics
from tests.cluster.installation import Cluster

from aktenfluss.testkit import PATIENCE_SECONDS

from .door import Door

ROOT = Path(__file__).parents[2]
OF_KAFKA = {"expired_events_total", "unreadable_records_total"}
"""Who publishes in its own database has no topics."""


@pytest.fixture
def addresses(door: Door | Cluster) -> list[str]:
    if "BASE_URL" in os.environ:
        pytest.skip("its processes may be anywhere")
    if isinstance(door, Cluster):
        return [f"http://{process.address}" for process in door.processes.values()]
    return [door.base_url]


def test_a_running_process_shows_every_metric_of_the_page(addresses: list[str], door: Door | Cluster) -> None:
    for address in addresses:
        httpx.get(f"{address}/openapi.json", timeout=PATIENCE_SECONDS)  # an app begins to count with its first request
    told = "".join(
        httpx.get(f"{address}/metrics", timeout=PATIENCE_SECONDS).raise_for_status().text for address in addresses
    )
    shown = {name for name in re.findall(r"^# TYPE (\S+) ", told, re.MULTILINE) if not name.endswith("_created")}
    documented = {f"{one.name}_total" if one.kind == "counter" else one.name for one in metrics(ROOT)}
    assert shown == (documented if isinstance(door, Cluster) else documented - OF_KAFKA)
