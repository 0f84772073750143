"""Resident memory of each process of the product: idle, and after many requests."""

import asyncio
import time

from tests.cluster.installation import Cluster

from aktenfluss.kernel import Role

from .client import request, send_all
from .figures import Figure
from .processes import resident_bytes

REQUESTS = 10_000
FIRST_REQUESTS = 100
"""Asked before the first look: what is loaded and prepared once, with the first requests, is no growth."""
SETTLE_SECONDS = 3
READS = {
    "documents-api": ("/v1/scrub-findings", Role.OPERATOR),
    "cases": ("/v1/case-files", Role.CLERK),
    "scans": ("/v1/scan-orders", Role.CLERK),
    "audit": ("/v1/audit-checkpoints", Role.AUDITOR),
    "gateway": ("/.well-known/api-catalog", Role.CLERK),
}
"""What each process that answers is asked; those that record who read publish an event for each."""


def measure(cluster: Cluster) -> list[Figure]:
    """Measure a cluster that has done nothing before."""
    ask(cluster, FIRST_REQUESTS)
    idle = memory_of(cluster)
    ask(cluster, REQUESTS)
    after = memory_of(cluster)
    grown = {name: (after[name] / idle[name] - 1) * 100 for name in idle}
    largest, growing = max(idle, key=idle.__getitem__), max(grown, key=grown.__getitem__)
    return [
        Figure(f"resident memory, idle ({largest})", idle[largest], "MB", listed(idle, "{:.0f}"), "<= 140", "<= 100"),
        Figure(
            f"the same after {REQUESTS:,} requests ({growing})",
            grown[growing],
            "% more",
            listed(grown, "{:+.1f} %"),
            "<= 10",
            "<= 2",
        ),
    ]


def ask(cluster: Cluster, count: int) -> None:
    """Send so many requests to each process that answers, and let the work behind them end."""
    for name, (path, role) in READS.items():
        asked = request("GET", path, cluster.token(role))
        asyncio.run(send_all(f"http://{cluster.processes[name].address}", iter([asked] * count), 200))
    time.sleep(SETTLE_SECONDS)


def memory_of(cluster: Cluster) -> dict[str, float]:
    return {name: resident_bytes(process.pid) / 1e6 for name, process in cluster.processes.items()}


def listed(values: dict[str, float], form: str) -> str:
    return ", ".join(f"{name} {form.format(value)}" for name, value in values.items())
