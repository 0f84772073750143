"""Queued and periodic work: a procrastinate app per service, in the service's own database."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import procrastinate
import psycopg
import structlog
from procrastinate.middleware import AsyncCallNext, WorkerMiddleware
from procrastinate.worker import Worker

from aktenfluss.kernel import Principal, Problem

from ..database import outbox
from ..database.database import Database
from ..database.limits import Limits
from ..database.purge import purge
from ..events import inbox
from ..events.event_bus import EventBus
from ..objects.object_store import ObjectStore
from ..tracing import TRACEPARENT, UNTRACED, Kind, Tracer, traceparent_of

KEPT_DAYS = 14
"""How long published events are kept: as long as the topics keep them."""
KEPT_INBOX_DAYS = 30
"""How long an inbox remembers what it applied: much longer than an event can be read on a bus, so that none comes twice."""
KEPT_KEYS_DAYS = 2
"""How long a request may be repeated with its Idempotency-Key."""
OLD_KEYS = "SELECT DISTINCT tenant_id FROM idempotency_key WHERE created_at < now() - make_interval(days => $1)"
PURGE_KEYS = "DELETE FROM idempotency_key WHERE created_at < now() - make_interval(days => $1)"
ABANDONED_SECONDS = 24 * 3600.0
"""A write that was begun so long ago and has not ended will not end."""
STALLED_SECONDS = 30.0
"""A worker that gave no sign of life for so long is dead; its jobs are given to another."""
REVIVE_SECONDS = 5.0
CONCURRENCY = 4
RESTART_SECONDS = 1.0
STOP_SECONDS = 5.0
"""How long jobs may go on whose worker stops, for example without its database; then they are cancelled."""
DRAIN_SECONDS = 300

FAILED = procrastinate.jobs.Status.FAILED.value
ABORTED_TOO = "UPDATE procrastinate_jobs SET status = 'failed' WHERE status = 'aborted'"
"""Releases up to 0.2 left a job so that was cancelled; the queue does again only what failed."""
PASSING = (asyncio.CancelledError, procrastinate.exceptions.ConnectorException)
"""What ends a job besides problems and goes away too: the queue does not answer, or the worker ends, and the next has it again."""
DUE = "SELECT count(*) FROM procrastinate_jobs WHERE status = 'todo' AND coalesce(scheduled_at, now()) <= now()"

log = structlog.get_logger("jobs")


def open_jobs(dsn: str, limits: Limits | None = None, tracer: Tracer = UNTRACED) -> procrastinate.App:
    """Return the app whose jobs lie in the database of `dsn`; `run_worker` opens its connections."""
    limits = limits or Limits()
    options = " ".join(f"-c {name}={value}" for name, value in limits.session.items())
    connector = procrastinate.PsycopgConnector(
        conninfo=dsn,
        min_size=1,
        max_size=CONCURRENCY + 2,
        timeout=limits.connect,
        kwargs={"connect_timeout": max(2, round(limits.connect)), "options": options},
    )
    return procrastinate.App(
        connector=connector,
        worker_defaults={"delete_jobs": "successful", "worker_middleware": [steps_of(tracer)]},
    )


def steps_of(tracer: Tracer) -> WorkerMiddleware:
    """Return what takes each job down as a step of the trace that queued it."""

    async def take_down(do: AsyncCallNext, context: procrastinate.JobContext, _: Worker) -> object:
        job = context.job
        parent = traceparent_of(str(job.task_kwargs.pop(TRACEPARENT, "")).encode())
        with tracer.span("job", Kind.CONSUMER, parent) as step:
            step.tell(f"job {job.task_name}", {"job": job.task_name, "queue": job.queue, "attempt": job.attempts})
            return await do()

    return take_down


def add_upkeep(app: procrastinate.App, database: Database, store: ObjectStore) -> None:
    """Register the kit's own periodic jobs: purge what is told and applied, sweep the store."""

    @app.periodic(cron="7 * * * *")
    @app.task(name="purge_events", queue="upkeep", queueing_lock="purge_events")
    async def purge_events(timestamp: int) -> None:
        with until_next_time():
            await purge(database, outbox.PURGE, KEPT_DAYS)
            await purge(database, inbox.PURGE, KEPT_INBOX_DAYS)
            await purge_keys(database)

    @app.periodic(cron="37 * * * *")
    @app.task(name="sweep_store", queue="upkeep", queueing_lock="sweep_store")
    async def sweep_store(timestamp: int) -> None:
        with until_next_time():
            await store.sweep(ABANDONED_SECONDS)


def add_upkeep_of_bus(app: procrastinate.App, bus: EventBus) -> None:
    """Register the periodic job that keeps the bus small."""

    @app.periodic(cron="27 * * * *")
    @app.task(name="expire_events", queue="upkeep", queueing_lock="expire_events")
    async def expire_events(timestamp: int) -> None:
        with until_next_time():
            await bus.expire(KEPT_DAYS)


async def purge_keys(database: Database) -> None:
    """Forget the answers that were kept for repeated requests, tenant by tenant: no role of ours deletes over all."""
    async with database.maintenance() as tx:
        tenants = [row["tenant_id"] for row in await tx.connection.fetch(OLD_KEYS, KEPT_KEYS_DAYS)]
    for tenant_id in tenants:
        async with database.transaction(Principal.service("upkeep", tenant_id)) as tx:
            await tx.connection.execute(PURGE_KEYS, KEPT_KEYS_DAYS)


async def revive(app: procrastinate.App, silent_seconds: float = STALLED_SECONDS) -> int:
    """Queue again the jobs of workers that died, for example by `kill -9`; return how many."""
    stalled = list(await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=silent_seconds))
    for job in stalled:
        await queue_again(app, job)
    return len(stalled)


@asynccontextmanager
async def opened(app: procrastinate.App) -> AsyncIterator[None]:
    """Open the connections of `app`, and close them also where the opening is cut short.

    Tasks of a pool that was left half open do not heed a cancellation: the process would not end.
    """
    try:
        await app.open_async()
        yield
    finally:
        await app.close_async()


async def retry_failed(app: procrastinate.App) -> int:
    """Queue again the jobs that failed for good, once their cause is removed; return how many."""
    async with opened(app):
        await app.connector.execute_query_async(ABORTED_TOO)
        failed = list(await app.job_manager.list_jobs_async(status=FAILED))
        for job in failed:
            await queue_again(app, job)
    return len(failed)


async def queue_again(app: procrastinate.App, job: procrastinate.jobs.Job) -> None:
    """Let a job be done once more, unless one of its kind waits already (they share a queueing lock)."""
    try:
        await app.job_manager.retry_job(job)
    except procrastinate.exceptions.UniqueViolation:
        await app.job_manager.finish_job(job, procrastinate.jobs.Status.FAILED, delete_job=True)


def retry_passing() -> procrastinate.BaseRetryStrategy:
    """Return a strategy that tries a job again where its problem goes away by itself, for as long as that takes."""
    return PassingRetry()


class PassingRetry(procrastinate.BaseRetryStrategy):
    """Waits 1, 2, 4, … up to 60 seconds between tries; nobody but the job would take the work up again."""

    def get_retry_decision(
        self, *, exception: BaseException, job: procrastinate.jobs.Job
    ) -> procrastinate.RetryDecision | None:
        if not is_passing(exception):
            return None
        return procrastinate.RetryDecision(retry_in={"seconds": min(2 ** min(job.attempts, 6), 60)})


@contextmanager
def until_next_time() -> Iterator[None]:
    """Let periodic work end quietly where its problem goes away by itself: the next time does what is left."""
    try:
        yield
    except (Problem, *PASSING) as exc:
        if not is_passing(exc):
            raise
        log.warning("left to the next time", error=inbox.name_of(exc), reason=str(exc))


def is_passing(exception: BaseException) -> bool:
    """Return whether what ended a job goes away by itself."""
    return isinstance(exception, PASSING) or inbox.is_passing(exception)


async def run_worker(app: procrastinate.App, *, alone: bool = False) -> None:
    """Work until cancelled; a lost database is waited for.

    A worker that is `alone` with its database takes over at once what a dead one held: there is nobody to ask.
    """
    while True:
        try:
            async with opened(app):
                await revive(app, 0 if alone else STALLED_SECONDS)
                await work(app)
        except (procrastinate.exceptions.ConnectorException, psycopg.Error) as exc:
            log.warning("worker waits", error=type(exc).__name__)
        await asyncio.sleep(RESTART_SECONDS)


async def work(app: procrastinate.App) -> None:
    """Do jobs, and look after those of other workers, until cancelled or without a database."""
    reviving = asyncio.create_task(keep_reviving(app))
    try:
        await app.run_worker_async(
            queues=queues_of(app),
            concurrency=CONCURRENCY,
            install_signal_handlers=False,
            shutdown_graceful_timeout=STOP_SECONDS,
        )
    finally:
        reviving.cancel()
        await asyncio.gather(reviving, return_exceptions=True)


def queues_of(app: procrastinate.App) -> list[str]:
    """Return the queues of the tasks that this process knows; other processes of the service may know more."""
    return sorted({task.queue for task in app.tasks.values()})


async def keep_reviving(app: procrastinate.App) -> None:
    """Look again and again; a look that fails, as where another process was faster with a job, ends no other."""
    while True:
        await asyncio.sleep(REVIVE_SECONDS)
        try:
            await revive(app)
        except procrastinate.exceptions.ConnectorException as exc:
            log.warning("jobs not revived", error=type(exc).__name__)


async def drain(app: procrastinate.App, database: Database) -> int:
    """Work until no job is due; return how many were.

    A worker that does not wait stops at a lock that another job holds, so it is run until nothing is left.
    """
    done = 0
    async with asyncio.timeout(DRAIN_SECONDS):
        while count := await due(database):
            done += count
            async with opened(app):
                await app.run_worker_async(
                    queues=queues_of(app),
                    wait=False,
                    concurrency=CONCURRENCY,
                    install_signal_handlers=False,
                    listen_notify=False,
                )
    return done


async def due(database: Database) -> int:
    """Return how many jobs could be done now."""
    async with database.session() as connection:
        count: int = await connection.fetchval(DUE)
    return count
