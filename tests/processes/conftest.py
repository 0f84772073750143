"""A cluster that is ready for its services."""

from collections.abc import Iterator

import pytest

from aktenfluss.testkit.plugin import fresh_folder

from .cluster import Cluster


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    """Give a cluster whose databases, bus and store are prepared."""
    with fresh_folder() as folder:
        cluster = Cluster.on(folder)
        assert cluster.run("standalone", "migrate").returncode == 0
        yield cluster
        cluster.postgres.keep_running()
        cluster.postgres.stop()
