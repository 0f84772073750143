"""Jobs exist only if their transaction commits, and outlive the worker that dies with them."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import procrastinate
import pytest

from aktenfluss.kernel import Principal, SystemClock
from aktenfluss.servicekit import BodyTooLargeError, ServiceUnavailableError, retry_passing
from aktenfluss.servicekit.database.purge import BATCH
from aktenfluss.servicekit.process import jobs
from aktenfluss.testkit import PATIENCE_SECONDS

KEY = """
INSERT INTO idempotency_key (tenant_id, subject, route, key, body_hash, created_at)
VALUES ('offenbach', 'test', 'POST /', $1, '', now() - $2::text::interval)
"""
TOLD_LONG_AGO = """
INSERT INTO outbox (topic, slot, id, key, type, tenant, subject, aggregate_version, actor, correlation_id, occurred_at,
                    payload, published_at)
SELECT 't', 0, gen_random_uuid(), 'k', 't', 'offenbach', 'k', 1, 'a', '', now(), '{}', now() - interval '15 days'
FROM generate_series(1, $1)
"""
APPLIED_LONG_AGO = "INSERT INTO inbox SELECT gen_random_uuid(), now() - interval '31 days' FROM generate_series(1, $1)"
WORKER = "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '1 hour')"
KIN = """
INSERT INTO procrastinate_jobs (queue_name, task_name, priority, queueing_lock, args, status, worker_id)
VALUES ('default', 'note', 0, 'one', '{{"number": 7}}', '{status}', {worker})
"""
LISTENERS = "SELECT array_agg(pid) FROM pg_stat_activity WHERE datname = 'scratch' AND query LIKE 'LISTEN%'"
OFFENBACH = Principal("test:clerk", "offenbach")


@pytest.fixture
def app(address):
    return jobs.open_jobs(address.app_dsn)


@pytest.fixture
def done(app):
    seen: list[int] = []

    @app.task(name="note", queue="default")
    async def note(number: int) -> None:
        seen.append(number)

    return seen


async def defer(database, number: int, **options) -> None:
    async with database.transaction(OFFENBACH) as tx:
        await tx.defer("note", {"number": number}, **options)


async def test_a_deferred_job_is_done_once(app, database, done):
    await defer(database, 1)
    assert await jobs.drain(app, database) == 1
    assert await jobs.drain(app, database) == 0
    assert done == [1]


async def test_priority_decides(app, database, done):
    for number in range(3):
        await defer(database, number, priority=number, lock="one at a time")
    await jobs.drain(app, database)
    assert done == [2, 1, 0]


async def killed_worker_holds(database, seconds: int) -> None:
    """Leave behind what a worker does that was killed at a job `seconds` ago."""
    async with database.session() as connection:
        await connection.execute(
            "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - make_interval(secs => $1))", seconds
        )
        await connection.execute(
            "UPDATE procrastinate_jobs SET status = 'doing', worker_id = (SELECT max(id) FROM procrastinate_workers)"
        )


async def test_a_job_of_a_dead_worker_is_done_by_another(app, database, done):
    await defer(database, 1)
    await killed_worker_holds(database, seconds=3600)
    async with app.open_async():
        assert await jobs.revive(app) == 1
    await jobs.drain(app, database)
    assert done == [1]


async def test_a_worker_that_was_heard_of_keeps_its_jobs(app, database, done):
    await defer(database, 1)
    await killed_worker_holds(database, seconds=5)
    async with app.open_async():
        assert await jobs.revive(app) == 0


async def test_a_worker_that_is_alone_takes_over_at_once(app, database, done):
    await defer(database, 1)
    await killed_worker_holds(database, seconds=0)
    await work_until(app, done, alone=True)


async def test_a_running_worker_takes_over_from_one_that_dies(app, database, done, monkeypatch):
    monkeypatch.setattr(jobs, "REVIVE_SECONDS", 0.05)
    await defer(database, 1)
    await killed_worker_holds(database, seconds=29)
    await work_until(app, done, alone=False)


async def test_a_look_for_dead_workers_that_fails_is_not_the_last(app, database, done, monkeypatch):
    revive, looks = jobs.revive, []

    async def look(app, *silent_seconds):
        looks.append(app)
        if len(looks) == 2:
            raise procrastinate.exceptions.ConnectorException
        return await revive(app, *silent_seconds)

    monkeypatch.setattr(jobs, "revive", look)
    monkeypatch.setattr(jobs, "REVIVE_SECONDS", 0.05)
    await defer(database, 1)
    await killed_worker_holds(database, seconds=29)
    await work_until(app, done, alone=False)


async def work_until(app, done, **options) -> None:
    """Run a worker until it has done the job, then cancel it."""
    worker = asyncio.create_task(jobs.run_worker(app, **options))
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not done:
            await asyncio.sleep(0.02)
    worker.cancel()
    with pytest.raises(asyncio.CancelledError):
        await worker


@pytest.mark.parametrize(("problem", "tries"), [(ServiceUnavailableError("down"), 2), (ValueError(), 1)])
async def test_only_what_passes_is_tried_again(app, database, problem, tries):
    seen: list[int] = []

    @app.task(name="note", queue="default", retry=retry_passing())
    async def note(number: int) -> None:
        seen.append(number)
        if len(seen) == 1:
            raise problem

    await defer(database, 1)
    await jobs.drain(app, database)
    async with database.session() as connection:
        await connection.execute("UPDATE procrastinate_jobs SET scheduled_at = now() WHERE status = 'todo'")
    await jobs.drain(app, database)
    assert len(seen) == tries


async def test_what_passes_is_waited_for_however_long(app):
    strategy = retry_passing()
    job = procrastinate.jobs.Job(id=1, queue="default", lock=None, queueing_lock=None, task_name="note", attempts=99)
    decision = strategy.get_retry_decision(exception=ServiceUnavailableError("down"), job=job)
    assert 55 < (decision.retry_at - SystemClock().now()).total_seconds() <= 60


async def test_the_worker_runs_until_cancelled(app, database, done):
    await defer(database, 1)
    await work_until(app, done)


class Hanging:
    """A job that does not end before it is cancelled, the first time."""

    def __init__(self) -> None:
        self.begun, self.cancelled = asyncio.Event(), asyncio.Event()
        self.done: list[int] = []

    async def __call__(self, number: int) -> None:
        if not self.cancelled.is_set():
            self.begun.set()
            try:
                await asyncio.Event().wait()
            finally:
                self.cancelled.set()
        self.done.append(number)


@pytest.fixture
def hanging():
    return Hanging()


@asynccontextmanager
async def restarting(postgres) -> AsyncIterator[None]:
    """Cut off the worker that listens, and refuse it, as a server does that starts again."""
    server = await asyncpg.connect(postgres.superuser_dsn("postgres"))
    while not (listeners := await server.fetchval(LISTENERS)):
        await asyncio.sleep(0.02)
    await server.execute("ALTER DATABASE scratch ALLOW_CONNECTIONS false")
    try:
        await server.execute("SELECT pg_terminate_backend(pid) FROM unnest($1::integer[]) pid", listeners)
        yield
    finally:
        await server.execute("ALTER DATABASE scratch ALLOW_CONNECTIONS true")
        await server.close()


async def test_a_job_is_done_whose_worker_is_lost_with_its_server(app, database, store, hanging, postgres, monkeypatch):
    jobs.add_upkeep(app, database, store)

    @app.task(name="note", queue="default", retry=retry_passing())
    async def note(number: int) -> None:
        await hanging(number)

    monkeypatch.setattr(jobs, "STOP_SECONDS", 0.05)
    await defer(database, 1)
    working = asyncio.create_task(work_until(app, hanging.done))
    async with asyncio.timeout(PATIENCE_SECONDS):
        await hanging.begun.wait()
        async with restarting(postgres):
            await hanging.cancelled.wait()
    await working
    assert hanging.done == [1]


async def test_periodic_work_that_ends_with_its_worker_is_left_to_the_next_time(app, database, hanging, monkeypatch):
    @app.task(name="note", queue="default")
    async def note(number: int) -> None:
        with jobs.until_next_time():
            await hanging(number)

    monkeypatch.setattr(jobs, "STOP_SECONDS", 0.05)
    await defer(database, 1)
    worker = asyncio.create_task(jobs.run_worker(app))
    await asyncio.wait_for(hanging.begun.wait(), PATIENCE_SECONDS)
    worker.cancel()
    with pytest.raises(asyncio.CancelledError):
        await worker
    async with database.session() as connection:
        assert await connection.fetch("SELECT status FROM procrastinate_jobs") == []


async def test_upkeep_purges_what_is_old_and_told(app, add, database, store):
    await add(OFFENBACH, 1)
    await add(OFFENBACH, 2)
    async with database.session() as connection:
        await connection.execute("UPDATE outbox SET published_at = now() - interval '15 days' WHERE seq = 1")
        for age in ("29 days", "31 days"):
            await connection.execute(f"INSERT INTO inbox VALUES (gen_random_uuid(), now() - interval '{age}')")
    async with database.transaction(OFFENBACH) as tx:
        for key, age in (("old", "3 days"), ("new", "1 day")):
            await tx.connection.execute(KEY, key, age)
    jobs.add_upkeep(app, database, store)
    await app.tasks["purge_events"](timestamp=0)
    async with database.maintenance() as tx:
        assert [row["key"] for row in await tx.connection.fetch("SELECT key FROM idempotency_key")] == ["new"]
    async with database.session() as connection:
        assert [row["seq"] for row in await connection.fetch("SELECT seq FROM outbox")] == [2]
        assert await connection.fetchval(
            "SELECT array_agg(extract(day FROM now() - applied_at)::integer) FROM inbox"
        ) == [29]


@pytest.mark.parametrize("statement", [TOLD_LONG_AGO, APPLIED_LONG_AGO], ids=["outbox", "inbox"])
async def test_upkeep_purges_however_much_there_is(app, database, store, statement, request):
    async with database.session() as connection:
        await connection.execute(statement, 2 * BATCH + 1)
    jobs.add_upkeep(app, database, store)
    await app.tasks["purge_events"](timestamp=0)
    async with database.session() as connection:
        assert await connection.fetchval(f"SELECT count(*) FROM {request.node.callspec.id}") == 0


async def test_a_failed_job_is_done_when_the_operator_asks(app, database):
    seen: list[int] = []

    @app.task(name="note", queue="default", retry=retry_passing())
    async def note(number: int) -> None:
        seen.append(number)
        if len(seen) == 1:
            raise ValueError

    await defer(database, 1)
    await jobs.drain(app, database)
    assert await jobs.retry_failed(app) == 1
    await jobs.drain(app, database)
    assert seen == [1, 1]
    assert await jobs.retry_failed(app) == 0


async def test_what_an_earlier_release_left_aborted_is_done_when_the_operator_asks(app, database, done):
    await defer(database, 1)
    async with database.session() as connection:
        await connection.execute("UPDATE procrastinate_jobs SET status = 'aborted'")
    assert await jobs.retry_failed(app) == 1
    await jobs.drain(app, database)
    assert done == [1]


async def test_a_job_of_a_dead_worker_gives_way_to_one_of_its_kind_that_waits(app, database, done):
    async with database.session() as connection:
        await connection.execute(WORKER)
        for status, worker in (("doing", "(SELECT max(id) FROM procrastinate_workers)"), ("todo", "NULL")):
            await connection.execute(KIN.format(status=status, worker=worker))
    async with app.open_async():
        assert await jobs.revive(app) == 1
    await jobs.drain(app, database)
    assert done == [7]


@pytest.mark.parametrize(
    "error", [ServiceUnavailableError("the store is down"), procrastinate.exceptions.ConnectorException("no queue")]
)
async def test_periodic_work_whose_problem_passes_is_left_to_the_next_time(capsys, error):
    with jobs.until_next_time():
        raise error
    assert "left to the next time" in capsys.readouterr().out
    with pytest.raises(BodyTooLargeError), jobs.until_next_time():
        raise BodyTooLargeError("this will not pass")


@pytest.mark.parametrize("name", ["purge_events", "expire_events"])
async def test_upkeep_that_gets_no_answer_is_left_to_the_next_time(app, database, store, bus, capsys, name):
    jobs.add_upkeep(app, database, store)
    jobs.add_upkeep_of_bus(app, bus)
    await database.close()
    await bus.close()
    await app.tasks[name](timestamp=0)
    assert "left to the next time" in capsys.readouterr().out


async def test_a_worker_that_is_cancelled_while_it_connects_leaves_nothing_running():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent.settimeout(0)
        app = jobs.open_jobs(f"postgresql://cases_app@127.0.0.1:{silent.getsockname()[1]}/cases")
        worker = asyncio.create_task(jobs.run_worker(app))
        called, _ = await asyncio.get_running_loop().sock_accept(silent)
        worker.cancel()
        called.close()
        with pytest.raises(asyncio.CancelledError):
            await worker
    assert asyncio.all_tasks() == {asyncio.current_task()}
