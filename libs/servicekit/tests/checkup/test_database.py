"""What the check-up tells of a database, on real ones that are not as they must be."""

from datetime import timedelta
from pathlib import Path

import psycopg
import pytest

from aktenfluss.servicekit import Limits, Outcome, ServiceSettings
from aktenfluss.servicekit.checkup.database import look_at, server
from aktenfluss.servicekit.database.databases import Databases

SCRATCH = Path(__file__).parents[1] / "scratch_migrations"
OK, WARNING, FAILURE = Outcome
PARK = """
INSERT INTO parked_event (id, key, type, tenant, subject, aggregate_version, actor, correlation_id, occurred_at, payload,
                          problem, parked_at)
VALUES (gen_random_uuid(), 'key', 'type', 'offenbach', 'key', 1, 'test', '', now(), '{}', 'ValueError', now())
"""
FAIL = "INSERT INTO procrastinate_jobs (queue_name, task_name, priority, args, status) VALUES ('q', 't', 0, '{}', 'failed')"
ABORT = FAIL.replace("failed", "aborted")
COMMIT_UNPUBLISHED = """
INSERT INTO outbox (topic, slot, id, key, type, tenant, subject, aggregate_version, actor, correlation_id, occurred_at,
                    payload, created_at)
VALUES ('t', 0, gen_random_uuid(), 'k', 't', 'offenbach', 'k', 1, 'a', '', now(), '{}', now() - interval '5 minutes')
"""


@pytest.fixture
def look(address):
    """Give a function that looks at the scratch database as `role`, and returns outcome and text by name."""

    def look_as(role: str = "", limits: Limits | None = None, package: Path = SCRATCH) -> dict[str, tuple[str, str]]:
        url = address.app_dsn.replace("scratch_app", role) if role else address.app_dsn
        seen = look_at(Databases(ServiceSettings(database_url=url)), "scratch", package, limits or Limits())
        return {one.name.removesuffix(" scratch"): (one.outcome, one.seen) for one in seen.findings}

    return look_as


@pytest.fixture
def execute(address, postgres):
    """Give a function that changes the scratch database past every right."""

    def run(statement: str) -> None:
        with psycopg.connect(postgres.superuser_dsn("scratch"), autocommit=True) as connection:
            connection.execute(statement)

    return run


def test_a_sound_database_is_told_so(look):
    assert {name: outcome for name, (outcome, _) in look().items()} == {
        "database": OK, "rights": OK, "schema": OK, "work": OK,
    }  # fmt: skip


@pytest.mark.parametrize(("role", "told"), [("scratch_owner", "owns"), ("postgres", "passes over row-level security")])
def test_a_role_with_too_many_rights_is_a_failure(look, role, told):
    outcome, seen = look(role)["rights"]
    assert (outcome, told in seen) == (FAILURE, True)


def test_a_table_without_row_level_security_is_named(look, execute):
    execute("ALTER TABLE thing NO FORCE ROW LEVEL SECURITY")
    try:
        assert look()["rights"] == (FAILURE, "no row-level security on thing")
    finally:
        execute("ALTER TABLE thing FORCE ROW LEVEL SECURITY")


@pytest.mark.parametrize(
    ("statement", "outcome", "told"),
    [
        (PARK, WARNING, "1 parked"),
        (FAIL, WARNING, "1 failed jobs"),
        (ABORT, WARNING, "1 failed jobs"),
        (COMMIT_UNPUBLISHED, WARNING, "to publish for 300 s"),
    ],
)
def test_what_waits_for_an_operator_is_a_warning(look, execute, statement, outcome, told):
    execute(statement)
    assert (look()["work"][0], told in look()["work"][1]) == (outcome, True)


def test_a_schema_that_is_behind_is_a_failure_and_one_ahead_a_warning(look, execute):
    newest = look()["schema"][1]
    execute("UPDATE alembic_version SET version_num = '0000'")
    behind = look()
    execute("UPDATE alembic_version SET version_num = '9999'")
    ahead = look()
    execute(f"UPDATE alembic_version SET version_num = '{newest}'")
    assert (behind["schema"], "work" in behind) == ((FAILURE, f"0000, needed is {newest}"), False)
    assert ahead["schema"] == (WARNING, f"9999, of a later release than {newest}")


def test_a_database_that_answers_lightly_is_a_failure(look, execute):
    execute("ALTER ROLE scratch_app SET synchronous_commit = off")
    try:
        assert look()["database"] == (FAILURE, "PostgreSQL 18, not durable")
    finally:
        execute("ALTER ROLE scratch_app RESET synchronous_commit")


@pytest.mark.parametrize(
    ("changed", "outcome", "told"),
    [
        ({}, OK, "durable, with checksums"),
        ({"version": 14}, FAILURE, "PostgreSQL 14"),
        ({"encoding": "LATIN1"}, FAILURE, "LATIN1"),
        ({"lock": timedelta(0)}, FAILURE, "without our timeouts"),
        ({"checksums": False}, WARNING, "no checksums"),
    ],
)
def test_a_server_that_is_not_as_it_must_be_is_told(changed, outcome, told):
    facts = {"version": 18, "durable": True, "encoding": "UTF8", "checksums": True}
    facts |= {"statement": timedelta(seconds=30), "lock": timedelta(seconds=10)}
    finding = server("cases", facts | changed, Limits())
    assert (finding.outcome, told in finding.seen) == (outcome, True)


def test_one_that_is_away_is_told_without_its_password(data_folder):
    url = f"postgresql://app:s3cret@/scratch?host={data_folder}"
    seen = look_at(Databases(ServiceSettings(database_url=url)), "scratch", SCRATCH, Limits(connect=2))
    [finding] = seen.findings
    assert (finding.outcome, finding.way_out) == (FAILURE, "Start PostgreSQL, or put right DATABASE_URL.")
    assert "does not answer" in finding.seen
    assert "s3cret" not in finding.seen
    assert seen.now is None
