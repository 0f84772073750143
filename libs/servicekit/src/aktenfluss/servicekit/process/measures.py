"""What is measured of each service with every look at the metrics of its process."""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass

from prometheus_client import CollectorRegistry, Gauge

from ..database import outbox
from ..database.connection import Connection
from ..database.database import Database
from ..events import parking
from ..events.pulse import Pulse

FAILED = "SELECT count(*) FROM procrastinate_jobs WHERE status IN ('failed', 'aborted')"
QUEUED = """
SELECT count(*), coalesce((
    SELECT extract(epoch FROM now() - at) FROM procrastinate_events
    WHERE job_id = min(job.id) AND type = 'deferred' ORDER BY at LIMIT 1), 0)
FROM procrastinate_jobs job WHERE status = 'todo'
"""


@dataclass(frozen=True, slots=True)
class Measure:
    """A figure of a service's own, without labels; `read` may raise a Problem where its database is away."""

    name: str
    meaning: str
    read: Callable[[], Awaitable[float]]


class Measures:
    """The gauges that all services of a process share, each with the label `service`.

    What lies in a database every process of its service tells alike: whoever adds up takes the largest. What the inbox
    reads is of this process alone.
    """

    def __init__(self, registry: CollectorRegistry, own: Iterable[Measure] = ()) -> None:
        self._waiting = Gauge(
            "outbox_waiting_events",
            "Committed facts that are not published, up to 10000",
            ["service"],
            registry=registry,
        )
        self._age = Gauge(
            "outbox_oldest_seconds", "Age of the oldest fact that is not published", ["service"], registry=registry
        )
        self._parked = Gauge("parked_events", "Events that wait for an operator", ["service"], registry=registry)
        self._failed = Gauge("failed_jobs", "Jobs that failed for good", ["service"], registry=registry)
        self._queued = Gauge("waiting_jobs", "Jobs that are not begun", ["service"], registry=registry)
        self._queued_age = Gauge(
            "oldest_job_seconds", "Age of the oldest job that is not begun", ["service"], registry=registry
        )
        self._lag = Gauge(
            "event_lag", "Events that wait for a consumer of this process", ["service", "topic"], registry=registry
        )
        self._unapplied = Gauge(
            "inbox_oldest_seconds", "Age of the oldest event that this process has read and not applied",
            ["service"], registry=registry,
        )  # fmt: skip
        self._namesakes = Gauge(
            "duplicate_instance", "1 while another process of the service has the same INSTANCE", ["service"],
            registry=registry,
        )  # fmt: skip
        self._own = {one.name: Gauge(one.name, one.meaning, ["service"], registry=registry) for one in own}

    def tell_inbox(self, service: str, pulse: Pulse, now: float) -> None:
        """Take what the inbox of this process noted; `now` is seconds since 1970."""
        for topic, lag in pulse.lag.items():
            self._lag.labels(service, topic).set(lag)
        if pulse.has_begun:
            self._namesakes.labels(service).set(pulse.has_namesake)
            self._unapplied.labels(service).set(max(0.0, now - pulse.oldest) if pulse.oldest else 0.0)

    async def read(self, service: str, database: Database, own: Iterable[Measure]) -> None:
        """Ask the database; raises ServiceUnavailableError where it does not answer."""
        async with database.session() as connection:
            await self._tell_outbox(service, connection)
            await self._tell_jobs(service, connection)
            self._parked.labels(service).set(await connection.fetchval(parking.COUNT))
        for measure in own:
            self._own[measure.name].labels(service).set(await measure.read())

    async def _tell_outbox(self, service: str, connection: Connection) -> None:
        waiting, age = await connection.fetchrow(outbox.WAITING) or (0, 0)
        self._waiting.labels(service).set(waiting)
        self._age.labels(service).set(float(age))

    async def _tell_jobs(self, service: str, connection: Connection) -> None:
        waiting, age = await connection.fetchrow(QUEUED) or (0, 0)
        self._queued.labels(service).set(waiting)
        self._queued_age.labels(service).set(float(age))
        self._failed.labels(service).set(await connection.fetchval(FAILED))
