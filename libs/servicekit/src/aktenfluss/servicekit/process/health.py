"""What a running process tells of itself: alive, ready, started."""

import time
from collections.abc import Mapping, Sequence
from contextlib import suppress

from prometheus_client import CollectorRegistry
from starlette.routing import Router
from starlette.types import ASGIApp, Receive, Scope, Send

from aktenfluss.kernel import Problem

from ..database.database import Database
from ..http import health_routes
from ..settings import ProcessRole
from .measures import Measures
from .service import Service

PATHS = frozenset({"/live", "/ready", "/startup", "/metrics"})


class Health:
    """Watches the services of a process; `/metrics` and `/ready` ask their databases, `/live` never does.

    What `/ready` asks costs the same however much waits: what waits is no reason to stay away from a process.
    """

    def __init__(
        self, services: Sequence[Service], registry: CollectorRegistry, role: ProcessRole = ProcessRole.ALL
    ) -> None:
        self._role = role
        self._services = services
        self._registry = registry
        self._measures = Measures(registry, [one for service in services for one in service.measures])
        self._started = False

    def in_front_of(self, root: ASGIApp) -> ASGIApp:
        """Return an app that answers for health and metrics, and hands everything else to `root` as it is."""
        own = Router(
            health_routes(
                live=self.live,
                ready=self.ready,
                startup=self.startup,
                measure=self.measure,
                registry=self._registry,
            )
        )

        async def answer(scope: Scope, receive: Receive, send: Send) -> None:
            await (own if scope.get("path") in PATHS else root)(scope, receive, send)

        return answer

    async def live(self) -> Mapping[str, bool]:
        """Tell of each service whether its inbox still comes round; see Pulse."""
        return {"process": True} | {
            service.name: service.pulse.is_alive for service in self._services if service.subscriptions.services
        }

    async def startup(self) -> Mapping[str, bool]:
        return {"services": self._started}

    async def ready(self) -> Mapping[str, bool]:
        """Tell of each service whether it can work: with its database, and a worker with its inbox."""
        return {service.name: await answers(service.database) and self._works(service) for service in self._services}

    async def measure(self) -> None:
        """Bring the figures of the metrics up to date; those of a database that does not answer stay as they were."""
        for service in self._services:
            self._measures.tell_inbox(service.name, service.pulse, time.time())
            with suppress(Problem):
                await self._measures.read(service.name, service.database, service.measures)

    def _works(self, service: Service) -> bool:
        """Who answers requests as well does not stay away from them for its inbox."""
        return self._role.serves or not service.subscriptions.services or service.pulse.has_begun

    def begin(self) -> None:
        """Note that everything has started."""
        self._started = True


async def answers(database: Database) -> bool:
    try:
        async with database.session() as connection:
            await connection.execute("SELECT")
    except Problem:
        return False
    return True
