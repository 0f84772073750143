"""A small box of scans, loose and packed."""

from pathlib import Path

import pytest

from aktenfluss.delivery import build_delivery

from .box import box_info, box_rows, write_scans


@pytest.fixture
def scans(tmp_path) -> Path:
    return write_scans(tmp_path / "scans", box_rows())


@pytest.fixture
def bag(tmp_path, scans) -> Path:
    build_delivery(tmp_path / "bag", box_rows(), box_info(), scans)
    return tmp_path / "bag"
