"""A cluster that is ready for its services."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from .cluster import Cluster


@pytest.fixture(scope="module")
def cluster(shared_data_folder: Path) -> Iterator[Cluster]:
    """Give a cluster whose databases, bus and store are prepared."""
    cluster = Cluster.on(shared_data_folder)
    assert cluster.run("standalone", "migrate").returncode == 0
    yield cluster
    cluster.postgres.keep_running()
    cluster.postgres.stop()
