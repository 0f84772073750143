"""The house with everybody in it."""

from pathlib import Path

import pytest

from aktenfluss.testkit import House

from .everybody import Everybody
from .main_job import Job, do_main_job


@pytest.fixture
async def everybody(house: House) -> Everybody:
    return await Everybody.of(house)


@pytest.fixture
async def job(everybody: Everybody, tmp_path: Path) -> Job:
    """Do the main job once and give what it made."""
    return await do_main_job(everybody, tmp_path)
