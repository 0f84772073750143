"""Show parked events and ask for another try."""

import asyncio
from pathlib import Path
from uuid import UUID

from rich.console import Console
from rich.table import Table

from aktenfluss.servicekit import ParkedEvent, Parking

from ..household import MIGRATIONS, open_part
from ..settings import StandaloneSettings

console = Console()
COLUMNS = ("service", "event", "type", "tenant", "problem", "tries", "parked at (UTC)")


def show(data: Path) -> None:
    """Print the events that wait for an operator, the oldest of each service, and how many more there are."""
    table = Table(*COLUMNS)
    found, count = asyncio.run(find(StandaloneSettings(data_folder=data)))
    for service, event in found:
        when = f"{event.parked_at:%F %T}"
        table.add_row(service, str(event.id), event.type, event.tenant_id, event.problem, str(event.attempts), when)
    console.print(table if table.row_count else "Nothing is parked.")
    if count > len(found):
        console.print(f"{count - len(found)} more are not shown.")


def retry(data: Path, wanted: UUID | None) -> int:
    """Ask for another try of one event, or of all; the running services take it up within seconds."""
    count = asyncio.run(request(StandaloneSettings(data_folder=data), wanted))
    console.print(f"{count} parked events will be tried again.")
    return 0 if count or wanted is None else 1


async def find(settings: StandaloneSettings) -> tuple[list[tuple[str, ParkedEvent]], int]:
    """Return the oldest parked events with the service that could not apply them, and how many are parked in all."""
    found: list[tuple[str, ParkedEvent]] = []
    count = 0
    for name in MIGRATIONS:
        async with open_part(settings, name) as resources:
            parking = Parking(resources.database)
            found += [(name, event) for event in await parking.list()]
            count += await parking.count()
    return found, count


async def request(settings: StandaloneSettings, wanted: UUID | None) -> int:
    """Ask every service for another try and return how many events that concerns."""
    count = 0
    for name in MIGRATIONS:
        async with open_part(settings, name) as resources:
            count += await Parking(resources.database).retry(wanted)
    return count
