"""Two processes of a service with one name are told, one that restarts is not."""

import asyncio
from contextlib import asynccontextmanager

import pytest
from structlog.testing import capture_logs

from aktenfluss.servicekit.events import namesakes
from aktenfluss.servicekit.events.namesakes import Namesakes
from aktenfluss.servicekit.events.pulse import Pulse
from aktenfluss.testkit import PATIENCE_SECONDS

HELD = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND classid::bigint = $1 AND granted"


@pytest.fixture(autouse=True)
def hurried(monkeypatch):
    monkeypatch.setattr(namesakes, "LOOK_SECONDS", 0.05)
    monkeypatch.setattr(namesakes, "OVERLAP_SECONDS", 0.2)


@pytest.fixture
def process(address):
    """Give a function that runs a process with a name, for the time of the block, and gives its pulse."""

    @asynccontextmanager
    async def run(name: str):
        pulse = Pulse()
        work = asyncio.create_task(Namesakes(address.app_dsn, "cases", name, pulse).run())
        try:
            yield pulse
        finally:
            work.cancel()
            await asyncio.gather(work, return_exceptions=True)

    return run


@pytest.fixture
def names_held(database):
    """Give a function that returns once so many names are held."""

    async def wait(count: int) -> None:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while await held() != count:
                await asyncio.sleep(0.01)

    async def held() -> int:
        async with database.session() as connection:
            return await connection.fetchval(HELD, namesakes.LOCK_SPACE)

    return wait


async def test_the_second_process_of_a_name_tells_it(process, names_held):
    with capture_logs() as logs:
        async with process("cases-1") as first:
            await names_held(1)
            async with process("cases-1") as second, asyncio.timeout(PATIENCE_SECONDS):
                while not second.has_namesake:
                    await asyncio.sleep(0.01)
                assert not first.has_namesake
    assert [line["event"] for line in logs] == ["another process has this instance"]


async def test_a_process_that_comes_back_has_its_name(process, names_held):
    for _ in range(2):
        async with process("cases-1") as pulse:
            await names_held(1)
            assert not pulse.has_namesake
        await names_held(0)


async def test_other_names_and_none_disturb_nobody(process, names_held):
    async with process("cases-1") as one, process("cases-2") as other, process("") as nameless:
        await names_held(2)
        assert not (one.has_namesake or other.has_namesake or nameless.has_namesake)
