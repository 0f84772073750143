"""What the tests of the whole product share."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.cluster.installation import Cluster


@pytest.fixture(scope="session")
def cluster(shared_data_folder: Path, pytestconfig: pytest.Config) -> Iterator[Cluster]:
    """Give the product as a cluster, started once for all tests that share it."""
    cluster = Cluster.start(shared_data_folder / "cluster")
    pytestconfig.get_terminal_writer().line(f"the cluster was ready after {cluster.seconds:.1f} s")
    yield cluster
    assert set(cluster.stop()) == {0}
