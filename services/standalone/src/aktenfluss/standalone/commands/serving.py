"""Serve the whole product in one process until a signal ends it."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx

from aktenfluss.servicekit import configure_logging, finished, run

from ..household import Household, open_household
from ..settings import StandaloneSettings

START_SECONDS = 60


def serve(data: Path, host: str, port: int) -> int:
    """Serve until SIGTERM or SIGINT and return the exit code."""
    return finished(serve_until_stopped(StandaloneSettings(data_folder=data, host=host, port=port)))


async def serve_until_stopped(settings: StandaloneSettings) -> None:
    """Open everything and run it."""
    async with open_household(settings) as household:
        configure_logging(sys.stderr.buffer, household.installation.registry, settings.log_level)
        await run(household.installation, household.services, household.root)


@asynccontextmanager
async def served(settings: StandaloneSettings) -> AsyncIterator[Household]:
    """Serve while the body runs; it begins when the door answers."""
    async with open_household(settings) as household:
        configure_logging(sys.stderr.buffer, household.installation.registry, settings.log_level)
        running = asyncio.create_task(
            run(household.installation, household.services, household.root, stop=household.stop)
        )
        try:
            await until_it_answers(f"http://127.0.0.1:{settings.port}/startup", running)
            yield household
        finally:
            household.stop.set()
            await running


async def until_it_answers(url: str, running: "asyncio.Task[None]") -> None:
    """Return when `url` answers; raise what ended `running`, or TimeoutError."""
    async with httpx.AsyncClient() as client, asyncio.timeout(START_SECONDS):
        while not running.done():
            try:
                await client.get(url)
            except httpx.TransportError:
                await asyncio.sleep(0.02)
            else:
                return
    await running
