"""The programs of PostgreSQL, where they fail."""

import subprocess
from pathlib import Path

import psycopg
import pytest

from aktenfluss.servicekit import ServiceUnavailableError, SettingsError
from aktenfluss.servicekit.backup import dump
from aktenfluss.servicekit.backup.dump import cause, dumped, environment, load, program

SCRATCH = Path(__file__).parents[1] / "scratch_migrations"


@pytest.fixture
async def empty(postgres):
    """Give an empty database with the roles of `scratch`, as its owner."""
    address = await postgres.empty_database("scratch", SCRATCH)
    with psycopg.connect(postgres.superuser_dsn("postgres"), autocommit=True) as connection:
        connection.execute("CREATE DATABASE copy OWNER scratch_owner")
    yield address.owner_dsn.replace("/scratch?", "/copy?")
    with psycopg.connect(postgres.superuser_dsn("postgres"), autocommit=True) as connection:
        connection.execute("DROP DATABASE copy")


def things(dsn: str) -> list[tuple[object, ...]]:
    with psycopg.connect(dsn) as connection:
        return connection.execute("SELECT tenant_id, number FROM thing ORDER BY number").fetchall()


async def test_a_dump_out_of_a_snapshot_becomes_the_same_database(postgres, empty):
    superuser = postgres.superuser_dsn("scratch")
    with psycopg.connect(superuser) as connection:
        connection.execute("INSERT INTO thing VALUES ('offenbach', gen_random_uuid(), 1)")
    with psycopg.connect(superuser, autocommit=True) as exporter, psycopg.connect(superuser, autocommit=True) as writer:
        exporter.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
        [snapshot] = exporter.execute("SELECT pg_export_snapshot()").fetchone()
        writer.execute("INSERT INTO thing VALUES ('hanau', gen_random_uuid(), 2)")
        content = [chunk async for chunk in dumped(superuser, snapshot)]

    async def chunks():
        for chunk in content:
            yield chunk

    await load(empty, chunks())
    assert things(postgres.superuser_dsn("copy")) == [("offenbach", 1)]
    assert things(empty) == []  # row-level security holds there too
    with pytest.raises(ServiceUnavailableError, match="already exists"):
        await load(empty, chunks())


async def test_what_is_no_dump_is_refused_and_changes_nothing(empty):
    async def nonsense():
        for _ in range(50):
            yield b"nonsense" * 10_000

    with pytest.raises(ServiceUnavailableError, match="does not appear to be a valid"):
        await load(empty, nonsense())


async def test_a_wrong_password_is_not_repeated():
    with pytest.raises(ServiceUnavailableError) as told:
        [chunk async for chunk in dumped("postgresql://reader:s3cret@127.0.0.1:1/cases", "snapshot")]
    assert "pg_dump ended with 1" in str(told.value)
    assert "s3cret" not in str(told.value)


def test_the_password_is_nothing_that_others_see():
    told = environment("postgresql://reader:p%40ss@db:5433/cases?sslmode=verify-full&sslrootcert=/ca")
    assert (told["PGPASSWORD"], told["PGHOST"], told["PGPORT"], told["PGDATABASE"]) == ("p@ss", "db", "5433", "cases")
    assert (told["PGSSLMODE"], told["PGSSLROOTCERT"]) == ("verify-full", "/ca")


def test_no_row_is_told():
    told = (
        b'pg_restore: error: COPY failed for table "t": ERROR:  duplicate key\nDETAIL:  Key (family_name)=(Oeztuerk)\n'
    )
    assert "Oeztuerk" not in cause(told)
    assert cause(b"") == "it says nothing"


@pytest.mark.parametrize("name", ["pg_dump", "pg_restore"])
def test_the_programs_are_those_of_the_server(postgres, name):
    with psycopg.connect(postgres.superuser_dsn("postgres")) as connection:
        [server] = connection.execute("SHOW server_version").fetchone()
    told = subprocess.run([program(name), "--version"], check=True, capture_output=True, text=True).stdout
    assert told.split()[2] == server.split()[0]


def test_a_missing_program_is_told(monkeypatch):
    monkeypatch.setattr(dump, "find_spec", lambda _: None)
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(SettingsError, match="pg_dump is not installed"):
        program("pg_dump")
