"""The house with everybody in it."""

import pytest

from aktenfluss.testkit import House

from .everybody import Everybody


@pytest.fixture
async def everybody(house: House) -> Everybody:
    return await Everybody.of(house)
