"""The product brought up with compose, once for all tests; they are skipped, with the reason, where that cannot be done."""

import time
from collections.abc import Iterator

import pytest
from tools.compose.project import Project, running
from tools.images.store import UnavailableError


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config) -> Iterator[Project]:
    begin = time.monotonic()
    try:
        with running(tmp_path_factory.mktemp("compose")) as project:
            pytestconfig.get_terminal_writer().line(f"up after {time.monotonic() - begin:.1f} s")
            yield project
            project.down()
            assert project.left() == []
    except UnavailableError as exc:
        pytest.skip(str(exc))
