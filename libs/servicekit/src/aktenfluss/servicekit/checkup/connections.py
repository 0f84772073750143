"""Checks whether each server of PostgreSQL has connections for all processes that enter its databases."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from ..database.databases import is_embedded
from ..process.buses import BUS
from ..settings import ServiceSettings
from .database import Seen
from .finding import Finding, failure, fine, warning

WORKERS = 7
"""Connections of a process that works, besides its pool: jobs and relay; one more holds its `INSTANCE`."""
NEARLY_FULL = 0.8


def connections(seen: Sequence[Seen], settings: ServiceSettings) -> list[Finding]:
    """Tell it of each server that answered; the databases may lie on several."""
    services = sum(one.name != BUS for one in seen)
    servers: dict[datetime, list[Seen]] = defaultdict(list)
    for one in seen:
        if one.server:
            servers[one.server].append(one)
    return [
        enough(
            "connections" if len(servers) == 1 else f"connections {', '.join(one.name for one in there)}",
            there[0],
            sum(needed(one.name, settings, services) for one in there),
        )
        for there in servers.values()
    ]


def needed(database: str, settings: ServiceSettings, services: int) -> int:
    """Return how many connections to a database one process of each service takes.

    The bus in PostgreSQL is entered by each process that carries events; over the embedded server all run in one.
    """
    if database == BUS:
        return settings.database_pool_size * (1 if is_embedded(settings) else services)
    return settings.database_pool_size + WORKERS + bool(settings.instance)


def enough(name: str, seen: Seen, needed: int) -> Finding:
    """Tell whether the server has connections for one process of each service and role, and is not nearly full."""
    told = (
        f"{seen.used_connections} of {seen.most_connections} in use, one process of each service takes up to {needed}"
    )
    if seen.most_connections < needed:
        return failure(name, told, "Raise max_connections of PostgreSQL, or lower DATABASE_POOL_SIZE.")
    if seen.used_connections > seen.most_connections * NEARLY_FULL:
        return warning(name, told, "Raise max_connections of PostgreSQL before the services wait for each other.")
    return fine(name, told)
