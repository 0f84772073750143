"""Measures every figure of the cluster and holds it against its bar: `make bench-cluster`."""

import sys
from collections.abc import Callable
from pathlib import Path

from tests.cluster.installation import Cluster

from . import cluster_backlog, cluster_contents, cluster_events, cluster_job, cluster_memory
from .figures import Figure, measure_parts


def idle(folder: Path) -> list[Figure]:
    return on_cluster(folder, cluster_memory.measure)


def work(folder: Path) -> list[Figure]:
    return on_cluster(folder, lambda cluster: cluster_job.measure(cluster, folder))


def on_cluster(folder: Path, *measures: Callable[[Cluster], list[Figure]]) -> list[Figure]:
    """Measure on a cluster that nothing was done with before."""
    cluster = Cluster.start(folder / "cluster")
    try:
        return [figure for measure in measures for figure in measure(cluster)]
    finally:
        cluster.stop()


PARTS: dict[str, Callable[[Path], list[Figure]]] = {
    "job": work,
    "events": cluster_events.measure,
    "contents": lambda folder: on_cluster(folder, cluster_contents.measure),
    "memory": idle,
    "backlog": lambda folder: on_cluster(folder, cluster_backlog.measure),
}

if __name__ == "__main__":
    sys.exit(measure_parts(PARTS, sys.argv[1:], "bench-cluster"))
