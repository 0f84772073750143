"""The schema: as the tables say, append-only for the service, one tenant at a time."""

import asyncpg
import pytest

from aktenfluss.audit.adapters.tables import metadata
from aktenfluss.kernel import Principal

TABLES = ("audit_record", "audit_checkpoint")


@pytest.mark.parametrize("table", TABLES)
async def test_the_migration_makes_what_the_code_reads(log, intruder, table):
    rows = await intruder.fetch("SELECT column_name FROM information_schema.columns WHERE table_name = $1", table)
    assert {row["column_name"] for row in rows} == {column.name for column in metadata.tables[table].columns}


@pytest.mark.parametrize("table", TABLES)
async def test_constraints_are_named_as_in_the_code(log, intruder, table):
    rows = await intruder.fetch(
        "SELECT conname FROM pg_constraint WHERE conrelid = $1::regclass AND contype IN ('p', 'u')", table
    )
    expected = {"pk_" + table} | {
        f"uq_{table}_" + "_".join(column.name for column in constraint.columns)
        for constraint in metadata.tables[table].constraints
        if constraint.__visit_name__ == "unique_constraint"
    }
    assert {row["conname"] for row in rows} == expected


@pytest.mark.parametrize("table", TABLES)
async def test_the_service_may_select_and_insert(log, intruder, table):
    rows = await intruder.fetch(
        "SELECT privilege_type FROM information_schema.role_table_grants WHERE table_name = $1 AND grantee = 'audit_app'",
        table,
    )
    assert {row["privilege_type"] for row in rows} == {"SELECT", "INSERT"}


@pytest.mark.parametrize("table", TABLES)
async def test_row_level_security_binds_the_owner_too(log, intruder, table):
    row = await intruder.fetchrow("SELECT relrowsecurity, relforcerowsecurity FROM pg_class WHERE relname = $1", table)
    assert tuple(row) == (True, True)


@pytest.mark.parametrize("table", TABLES)
async def test_without_a_tenant_nothing_is_seen(log, table):
    await log.fill(checkpoints=1, records=3)
    async with log.database.session() as connection:
        assert await connection.fetchval(f"SELECT count(*) FROM {table}") == 0


async def test_a_record_for_another_tenant_is_refused(log):
    await log.record("file-1")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with log.units.begin(Principal.service("audit", "hanau")) as tx:
            head = await tx.records.head("file-1")
            await tx.records.append(head.append(log.event("file-1", tenant_id="offenbach")))


async def test_reading_over_all_tenants_changes_nothing(log):
    await log.record("file-1")
    with pytest.raises(asyncpg.PostgresError):
        async with log.database.maintenance() as tx:
            await tx.connection.execute("INSERT INTO audit_record SELECT * FROM audit_record")
