"""What a running process tells of itself: alive, ready, started."""

import time
from collections.abc import Mapping, Sequence

from prometheus_client import CollectorRegistry
from starlette.routing import Router
from starlette.types import ASGIApp, Receive, Scope, Send

from aktenfluss.kernel import Problem

from ..http import health_routes
from ..settings import ProcessRole
from .measures import Measures
from .service import Service

PATHS = frozenset({"/live", "/ready", "/startup", "/metrics"})


class Health:
    """Watches the services of a process; `/metrics` and `/ready` ask their databases, `/live` never does."""

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
        own = Router(health_routes(live=self.live, ready=self.ready, startup=self.startup, registry=self._registry))

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
        return {service.name: await self._measure(service) and self._works(service) for service in self._services}

    def _works(self, service: Service) -> bool:
        """Who answers requests as well does not stay away from them for its inbox."""
        return self._role.serves or not service.subscriptions.services or service.pulse.has_begun

    def begin(self) -> None:
        """Note that everything has started."""
        self._started = True

    async def _measure(self, service: Service) -> bool:
        self._measures.tell_inbox(service.name, service.pulse, time.time())
        try:
            await self._measures.read(service.name, service.database, service.measures)
        except Problem:
            return False
        return True
