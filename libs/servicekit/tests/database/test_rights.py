"""The app's role owns nothing, and no tenant table is without row-level security."""

from pathlib import Path

import asyncpg
import pytest

from aktenfluss.servicekit import migrations
from aktenfluss.servicekit.database.revision import newest_revision, revision_of

OWNED = "SELECT count(*) FROM pg_class c JOIN pg_roles r ON r.oid = c.relowner WHERE r.rolname = $1"
UNPROTECTED = """
SELECT relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
WHERE relkind = 'r' AND attname = 'tenant_id' AND NOT (relrowsecurity AND relforcerowsecurity)
"""


@pytest.fixture
async def intruder(postgres, address):
    connection = await asyncpg.connect(postgres.superuser_dsn("scratch"))
    yield connection
    await connection.close()


async def test_the_app_owns_nothing_and_has_no_special_right(intruder, address):
    assert await intruder.fetchval(OWNED, address.app_role) == 0
    role = await intruder.fetchrow("SELECT * FROM pg_roles WHERE rolname = $1", address.app_role)
    assert not (role["rolsuper"] or role["rolbypassrls"] or role["rolcreaterole"] or role["rolcreatedb"])


async def test_every_tenant_table_is_protected_from_its_owner_too(intruder):
    assert await intruder.fetch(UNPROTECTED) == []


async def test_the_app_cannot_create_tables(database):
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with database.session() as connection:
            await connection.execute("CREATE TABLE mine (id integer)")


async def test_the_app_cannot_pretend_another_schema_version(database):
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with database.session() as connection:
            await connection.execute("UPDATE alembic_version SET version_num = 'x'")


async def test_migrating_again_changes_nothing(address):
    folder = Path(__file__).parents[1] / "scratch_migrations"
    migrations.migrate(folder, address.owner_dsn, address.app_role)
    assert revision_of(address.app_dsn) == newest_revision(folder)


async def test_an_outdated_schema_is_noticed(postgres):
    address = postgres.server.ensure_database("untouched")
    assert revision_of(address.app_dsn) is None
