"""What the tests of the whole product share."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from tests.cluster.installation import Cluster

MEASURED = "measured"


@pytest.fixture(scope="session")
def cluster(shared_data_folder: Path, pytestconfig: pytest.Config) -> Iterator[Cluster]:
    """Give the product as a cluster, started once for all tests that share it."""
    cluster = Cluster.start(shared_data_folder / "cluster")
    pytestconfig.get_terminal_writer().line(f"the cluster was ready after {cluster.seconds:.1f} s")
    yield cluster
    assert set(cluster.stop()) == {0}


@pytest.fixture
def measured(record_property: Callable[[str, object], None]) -> Callable[[str], None]:
    """Take a line down about what a test measured; it is printed at the end, and where all passes too."""
    return partial(record_property, MEASURED)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    reports = [report for outcome in ("passed", "failed") for report in terminalreporter.getreports(outcome)]
    lines = [line for report in reports for name, line in report.user_properties if name == MEASURED]
    if lines:
        terminalreporter.section(MEASURED)
    for line in lines:
        terminalreporter.write_line(line)
