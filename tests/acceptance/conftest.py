"""The product as its users meet it: behind a URL, with tokens; `BASE_URL` points elsewhere."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from .door import Door


@pytest.fixture(scope="session")
def door(shared_data_folder: Path) -> Iterator[Door]:
    """Give the installation at `BASE_URL` with its data folder `DATA_FOLDER`, or start one."""
    if base_url := os.environ.get("BASE_URL"):
        yield Door(Path(os.environ["DATA_FOLDER"]), base_url)
        return
    door = Door(shared_data_folder)
    door.start()
    yield door
    assert door.end() == 0


@pytest.fixture
def own_door(data_folder: Path) -> Iterator[Door]:
    """Give an installation of this test alone, to be killed."""
    door = Door(data_folder)
    door.start()
    yield door
    if door.runs:
        door.end()
