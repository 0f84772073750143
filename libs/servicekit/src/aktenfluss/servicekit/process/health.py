"""What a running process tells of itself: alive, ready, started."""

from collections.abc import Mapping, Sequence

from prometheus_client import CollectorRegistry, Gauge
from starlette.routing import Router
from starlette.types import ASGIApp, Receive, Scope, Send

from aktenfluss.kernel import Problem

from ..database import outbox
from ..database.database import Database
from ..http import health_routes
from ..settings import ProcessRole
from .service import Service

PARKED = "SELECT count(*) FROM parked_event"
FAILED = "SELECT count(*) FROM procrastinate_jobs WHERE status = 'failed'"
PATHS = frozenset({"/live", "/ready", "/startup", "/metrics"})


class Health:
    """Watches the services of a process; `/metrics` and `/ready` ask their databases, `/live` never does."""

    def __init__(
        self, services: Sequence[Service], registry: CollectorRegistry, role: ProcessRole = ProcessRole.ALL
    ) -> None:
        self._role = role
        self._services = services
        self._registry = registry
        self._waiting = Gauge(
            "outbox_waiting_events", "Committed facts that are not published", ["service"], registry=registry
        )
        self._age = Gauge("outbox_oldest_seconds", "Age of the oldest of them", ["service"], registry=registry)
        self._parked = Gauge("parked_events", "Events that wait for an operator", ["service"], registry=registry)
        self._failed = Gauge("failed_jobs", "Jobs that failed for good", ["service"], registry=registry)
        self._lag = Gauge(
            "event_lag", "Events that wait for a consumer of this process", ["service", "topic"], registry=registry
        )
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
        for topic, lag in service.pulse.lag.items():
            self._lag.labels(service.name, topic).set(lag)
        try:
            await self._read(service.name, service.database)
        except Problem:
            return False
        return True

    async def _read(self, name: str, database: Database) -> None:
        async with database.session() as connection:
            waiting, age = await connection.fetchrow(outbox.WAITING) or (0, 0)
            parked = await connection.fetchval(PARKED)
            failed = await connection.fetchval(FAILED)
        self._waiting.labels(name).set(waiting)
        self._age.labels(name).set(float(age))
        self._parked.labels(name).set(parked)
        self._failed.labels(name).set(failed)
