"""Schemas only grow: the code of a release that one may go back to finds all that it needs, and its writes are taken."""

from pathlib import Path

import psycopg
import pytest
from alembic.script import ScriptDirectory
from scripts.schemas import PACKAGES, Line, Released, contractions, releases, schema_of, upgrade

from aktenfluss.servicekit.migrations import config_of

from .next_release import GROW, next_release

CASES = PACKAGES["cases"]
RECORDED = [(version, name) for version, release in releases().items() for name in release.databases]
CONTRACTING = {
    "ALTER TABLE file_entry DROP COLUMN media_type": "gone: file_entry.media_type text not null",
    "ALTER TABLE file_entry RENAME COLUMN media_type TO type": "gone: file_entry.media_type text not null",
    "DROP TABLE file_entry": "gone: file_entry guarded forced",
    "ALTER TABLE file_entry RENAME TO entry": "gone: file_entry guarded forced",
    "ALTER TABLE file_entry ALTER COLUMN size_bytes TYPE numeric": "gone: file_entry.size_bytes bigint not null",
    "ALTER TABLE case_file ALTER COLUMN birth_date SET NOT NULL": "gone: case_file.birth_date date",
    "ALTER TABLE case_file ADD COLUMN later text NOT NULL": "refuses what the release writes: case_file.later text not null",
    "ALTER TABLE case_file ADD CONSTRAINT ck CHECK (page_count < 9)": "refuses what the release writes: case_file ck CHECK",
    "CREATE UNIQUE INDEX ux ON file_entry (content)": "refuses what the release writes: CREATE UNIQUE INDEX ux",
    "CREATE POLICY more ON case_file AS RESTRICTIVE USING (true)": "refuses what the release writes: case_file policy more",
    "CREATE POLICY more ON case_file FOR SELECT USING (true)": "",
    "DROP POLICY tenant ON case_file": "gone: case_file policy tenant",
    "ALTER TABLE file_entry ALTER COLUMN media_type DROP NOT NULL": "gone: file_entry.media_type text not null",
    "ALTER TABLE file_entry ALTER COLUMN media_type SET DEFAULT ''": "",
    "DROP INDEX ix_case_file_tenant_id_family_first": "",
    "REVOKE INSERT ON case_file FROM cases_planted_app": "gone: case_file app may insert",
    "ALTER TABLE case_file NO FORCE ROW LEVEL SECURITY": "gone: case_file guarded forced",
    "ALTER TABLE outbox ALTER COLUMN created_at DROP DEFAULT": "gone: outbox.created_at timestamp with time zone not null",
}
"""What a migration could do, and how it is told; an index that only makes things fast may go."""


@pytest.fixture
def fresh(postgres):
    """Give a function that makes an empty database; it is dropped after the test."""
    made = []

    def make(name: str):
        made.append(name)
        return postgres.server.ensure_database(name)

    yield make
    with psycopg.connect(postgres.superuser_dsn("postgres"), autocommit=True) as connection:
        for name in made:
            connection.execute(f"DROP DATABASE {name}")


@pytest.mark.parametrize(("version", "name"), RECORDED)
def test_schemas_only_grow_after_a_release(fresh, version, name):
    released = releases()[version].databases[name]
    address = fresh(f"{name}_released")
    upgrade(PACKAGES[name], address, released.revision)
    assert schema_of(address) == released.schema, f"a migration of {version} was changed: write another one"
    upgrade(PACKAGES[name], address)
    assert contractions(released, schema_of(address)) == []


@pytest.mark.parametrize(("version", "name"), RECORDED)
def test_a_released_revision_is_never_taken_away(version, name):
    script = ScriptDirectory.from_config(config_of(PACKAGES[name]))
    assert releases()[version].databases[name].revision in {one.revision for one in script.walk_revisions()}


def planted(fresh, tmp_path: Path, statement: str) -> tuple[Released, frozenset[Line]]:
    """Return the schema of this release, and what the planted migration makes of it."""
    address = fresh("cases_planted")
    upgrade(CASES, address)
    before = Released("", schema_of(address), frozenset())
    upgrade(next_release(CASES, tmp_path / "next", statement), address)
    return before, schema_of(address)


@pytest.mark.parametrize(("statement", "told"), CONTRACTING.items())
def test_a_migration_that_takes_something_away_is_found(fresh, tmp_path, statement, told):
    found = contractions(*planted(fresh, tmp_path, statement))
    assert [line for line in found if told and line.startswith(told)] or not (told or found)


def test_one_that_only_adds_is_none(fresh, tmp_path):
    before, after = planted(fresh, tmp_path, GROW)
    assert contractions(before, after) == []
    assert len(after - before.schema) > 10


def test_what_a_release_did_not_use_may_go_with_the_next(fresh, tmp_path):
    before, after = planted(fresh, tmp_path, "ALTER TABLE case_file DROP COLUMN birth_date")
    assert contractions(before, after) == ["gone: case_file.birth_date date"]
    assert contractions(Released("", before.schema, frozenset({"case_file.birth_date date"})), after) == []
