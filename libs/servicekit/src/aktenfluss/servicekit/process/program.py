"""A program: some services as one process of the operating system, from its settings to its end."""

import sys
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass

from starlette.types import ASGIApp

from ..errors import SettingsError
from ..http import configure_logging
from ..settings import ServiceSettings
from .installation import Installation, open_installation, sole_use
from .resources import Resources
from .runner import run
from .service import Service

type Joined = tuple[Sequence[Service], ASGIApp]
"""Services that keep something, and the app in front of them."""


@dataclass(frozen=True, slots=True)
class Program[S: ServiceSettings]:
    """What a process runs; `schemas` names the package of migrations of each database, `join` wires the services."""

    name: str
    settings: type[S]
    schemas: Mapping[str, str]
    join: Callable[[S, Installation], Awaitable[Joined]]

    async def serve(self, settings: S) -> None:
        """Serve until a signal ends it.

        Raises NotPreparedError, SettingsError, FolderInUseError or ServiceUnavailableError before it serves.
        """
        with sole_use(settings) if self.schemas else nullcontext():
            async with open_installation(settings) as installation:
                await installation.require(self.schemas)
                services, root = await self.join(settings, installation)
                configure_logging(sys.stderr.buffer, installation.registry, settings.log_level)
                await run(installation, services, root)

    async def migrate(self, settings: S) -> None:
        """Bring to this release what the services stand on."""
        async with open_installation(settings) as installation:
            await installation.prepare(self.schemas)


def program_of[S: ServiceSettings](
    name: str,
    settings: type[S],
    build: Callable[[S, Resources], Service],
    migrations: str,
    *,
    peers: Collection[str] = (),
) -> Program[S]:
    """Return the program of one service, which calls the services `peers`."""

    async def join(settings: S, installation: Installation) -> Joined:
        if missing := ", ".join(sorted(set(peers) - settings.peer_urls.keys())):
            raise SettingsError(f"PEER_URLS: {name} calls {missing}")
        service = build(settings, await installation.resources(name))
        return [service], service.app

    return Program(name, settings, {name: migrations}, join)
