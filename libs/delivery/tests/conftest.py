"""A small box of scans, loose and packed."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from aktenfluss.delivery import build_delivery

from .box import box_info, box_rows, write_scans
from .fake_server import FakeServer, running_server

# A busy machine is not a slow library.
settings.register_profile("without-clock", deadline=None)
settings.load_profile("without-clock")


@pytest.fixture
def scans(tmp_path) -> Path:
    return write_scans(tmp_path / "scans", box_rows())


@pytest.fixture
def bag(tmp_path, scans) -> Path:
    build_delivery(tmp_path / "bag", box_rows(), box_info(), scans)
    return tmp_path / "bag"


@pytest.fixture
def server() -> Iterator[FakeServer]:
    with running_server() as running:
        yield running
