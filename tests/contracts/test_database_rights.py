"""What the role of a running service may do in its database, in every service and after the main job."""

import asyncpg
import pytest

from .everybody import SERVICES

OWNED = """
SELECT relname FROM pg_class c JOIN pg_roles r ON r.oid = c.relowner WHERE r.rolname = current_user
UNION ALL SELECT nspname FROM pg_namespace n JOIN pg_roles r ON r.oid = n.nspowner WHERE r.rolname = current_user
UNION ALL SELECT proname FROM pg_proc p JOIN pg_roles r ON r.oid = p.proowner WHERE r.rolname = current_user
UNION ALL SELECT datname FROM pg_database d JOIN pg_roles r ON r.oid = d.datdba WHERE r.rolname = current_user
"""
ROLE = "SELECT rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolreplication FROM pg_roles WHERE rolname = current_user"
TENANT_TABLES = """
SELECT relname, relrowsecurity AND relforcerowsecurity AS is_forced FROM pg_class c
JOIN pg_attribute a ON a.attrelid = c.oid
WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace AND attname = 'tenant_id' ORDER BY relname
"""
GRANTS = """
SELECT privilege_type FROM information_schema.role_table_grants WHERE table_name = $1 AND grantee = current_user
"""
FILLED = {
    "audit": {"audit_record"},
    "cases": {"case_file", "file_entry"},
    "documents": {"content", "document", "document_version"},
    "scans": {"scan_order", "order_item", "delivery", "delivery_item"},
}
"""Tables that the main job certainly puts rows into: without them, seeing none would prove nothing."""


@pytest.fixture
async def app(everybody, job):
    """Connect to each database as its service does, without having said for which tenant."""
    connections = {name: await asyncpg.connect(everybody.running[name].dsn) for name in SERVICES}
    yield connections
    for connection in connections.values():
        await connection.close()


@pytest.fixture
async def intruder(everybody):
    postgres = everybody.house.postgres
    connections = {name: await asyncpg.connect(postgres.superuser_dsn(name)) for name in SERVICES}
    yield connections
    for connection in connections.values():
        await connection.close()


async def test_the_role_of_a_service_owns_nothing_and_is_nothing_special(app):
    for connection in app.values():
        assert await connection.fetch(OWNED) == []
        assert set(await connection.fetchrow(ROLE)) == {False}


async def test_every_table_with_a_tenant_forces_row_level_security(app):
    for name, connection in app.items():
        tables = {row["relname"]: row["is_forced"] for row in await connection.fetch(TENANT_TABLES)}
        assert set(tables) >= FILLED[name] | {"idempotency_key"}
        assert tables == dict.fromkeys(tables, True)


async def test_without_a_tenant_no_row_is_seen(app, intruder):
    for name, connection in app.items():
        for table, _ in await connection.fetch(TENANT_TABLES):
            rows = await intruder[name].fetchval(f'SELECT count(*) FROM "{table}"')
            assert rows or table not in FILLED[name], f"{name}.{table} is empty"
            assert await connection.fetchval(f'SELECT count(*) FROM "{table}"') == 0, f"{name}.{table}"


async def test_a_foreign_tenant_sees_no_row(app):
    for name, connection in app.items():
        await connection.execute("SET app.tenant = 'frankfurt'")
        for table, _ in await connection.fetch(TENANT_TABLES):
            assert await connection.fetchval(f'SELECT count(*) FROM "{table}"') == 0, f"{name}.{table}"


@pytest.mark.parametrize("table", ["audit_record", "audit_checkpoint"])
async def test_the_audit_log_can_only_grow(app, table):
    granted = {row["privilege_type"] for row in await app["audit"].fetch(GRANTS, table)}

    assert granted == {"SELECT", "INSERT"}
    await app["audit"].execute("SET app.tenant = 'offenbach'")
    for statement in (f"UPDATE {table} SET tenant_id = tenant_id", f"DELETE FROM {table}", f"TRUNCATE {table}"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await app["audit"].execute(statement)


async def test_the_telemetry_of_the_framework_keeps_no_logs(everybody):
    for app in everybody.apps().values():
        telemetry = app._telemetry
        assert telemetry["logs"] is False
        assert telemetry["operation_spans"] is False
        assert telemetry["auto_configure"] is False
