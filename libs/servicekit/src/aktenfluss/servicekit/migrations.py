"""Schema migrations with Alembic, applied by the owner's role; the app's owns nothing."""

from importlib.resources import files
from pathlib import Path

import sqlalchemy as sa
from alembic import command, context, op
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from procrastinate.schema import SchemaManager

EVENT_COLUMNS = """
    key text NOT NULL, type text NOT NULL, tenant text NOT NULL, subject text NOT NULL, aggregate_version integer NOT NULL,
    actor text NOT NULL, correlation_id text NOT NULL, occurred_at timestamptz NOT NULL, payload jsonb NOT NULL
"""
"""Columns of an event wherever it lies. `tenant`, not `tenant_id`: transport is no tenant table, the relay reads all."""

TECHNICAL_TABLES = f"""
CREATE TABLE outbox (
    seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, id uuid NOT NULL, topic text NOT NULL, slot smallint NOT NULL,
    {EVENT_COLUMNS}, created_at timestamptz NOT NULL DEFAULT now(), published_at timestamptz);
CREATE INDEX ix_outbox_waiting ON outbox (seq) INCLUDE (slot) WHERE published_at IS NULL;
CREATE INDEX ix_outbox_published ON outbox (published_at) WHERE published_at IS NOT NULL;
CREATE TABLE inbox (id uuid PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now());
CREATE INDEX ix_inbox_applied ON inbox (applied_at);
CREATE TABLE parked_event (
    seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, id uuid NOT NULL UNIQUE, {EVENT_COLUMNS}, problem text NOT NULL,
    attempts integer NOT NULL DEFAULT 1, retry_requested boolean NOT NULL DEFAULT false, parked_at timestamptz NOT NULL);
CREATE INDEX ix_parked_event_key ON parked_event (key, seq);
CREATE TABLE idempotency_key (
    tenant_id text NOT NULL, subject text NOT NULL, route text NOT NULL, key text NOT NULL, body_hash bytea NOT NULL,
    status integer, headers jsonb, body bytea, created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, subject, route, key));
CREATE INDEX ix_idempotency_key_created ON idempotency_key (created_at);
"""
BUS_TABLES = f"""
CREATE TABLE partition_head (
    topic text NOT NULL, partition smallint NOT NULL, next_position bigint NOT NULL, PRIMARY KEY (topic, partition));
CREATE TABLE event_log (
    topic text NOT NULL, partition smallint NOT NULL, position bigint NOT NULL, id uuid NOT NULL, {EVENT_COLUMNS},
    appended_at timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (topic, partition, position));
CREATE INDEX ix_event_log_appended ON event_log (appended_at);
CREATE TABLE consumer_offset (
    consumer text NOT NULL, topic text NOT NULL, partition smallint NOT NULL, next_position bigint NOT NULL,
    PRIMARY KEY (consumer, topic, partition));
"""
ADVISORY_LOCK = 0x4146_0000_0001
VERBS = "SELECT, INSERT, UPDATE, DELETE"


def technical_tables() -> None:
    """Create what every service has: outbox, inbox, parking, idempotency keys and procrastinate's queue."""
    run_script(TECHNICAL_TABLES)
    run_script(SchemaManager.get_schema())
    grant_all()
    tenant_table("idempotency_key", maintenance=True)


def bus_tables() -> None:
    """Create the event log of the postgres bus."""
    run_script(BUS_TABLES)
    grant_all()


def trace_columns(*tables: str) -> None:
    """Let the events in `tables` say in which trace they came about; null while nobody traces."""
    for table in tables:
        op.execute(f"ALTER TABLE {table} ADD COLUMN traceparent text")


def grant_all() -> None:
    """Let the app's role work with every table and sequence that is there now; it owns none."""
    op.execute(f"GRANT {VERBS} ON ALL TABLES IN SCHEMA public TO {app_role()}")
    op.execute(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {app_role()}")
    op.execute(f"ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE ON SEQUENCES TO {app_role()}")
    op.execute(f"REVOKE INSERT, UPDATE, DELETE ON alembic_version FROM {app_role()}")


def tenant_table(table: str, *, verbs: str = VERBS, maintenance: bool = False) -> None:
    """Show the rows of `table` only to their tenant, its owner included; let the app's role use `verbs`.

    With `maintenance`, a transaction of `Database.maintenance` reads the rows of all tenants.
    """
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY tenant ON {table} USING (tenant_id = nullif(current_setting('app.tenant', true), ''))")
    if maintenance:
        show_to_maintenance(table)
    op.execute(f"GRANT {verbs} ON {table} TO {app_role()}")


def show_to_maintenance(table: str) -> None:
    """Let a transaction of `Database.maintenance` read the rows of all tenants."""
    op.execute(
        f"CREATE POLICY maintenance ON {table} FOR SELECT USING (current_setting('app.maintenance', true) = 'on')"
    )


def run_script(script: str) -> None:
    """Run several statements as they are; `op.execute` would look for parameters in them."""
    op.get_bind().exec_driver_sql(script.replace("%", "%%"))


def app_role() -> str:
    """Return the role that the service connects with."""
    return f'"{context.config.attributes["app_role"]}"'


def run_environment() -> None:
    """Run the migrations on the connection that `migrate` opened: the body of each service's env.py."""
    context.configure(connection=context.config.attributes["connection"], transaction_per_migration=True)
    with context.begin_transaction():
        context.run_migrations()


def config_of(package: str | Path) -> Config:
    """Return Alembic's settings for the migrations that are shipped in `package`, or lie in that folder."""
    folder = package if isinstance(package, Path) else files(package)
    config = Config()
    config.set_main_option("script_location", str(folder).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def engine_of(dsn: str) -> sa.Engine:
    """Return an engine for `dsn` that keeps no connection; Alembic is not asynchronous."""
    url = sa.make_url(dsn).set(drivername="postgresql+psycopg")
    return sa.create_engine(url, poolclass=sa.NullPool)


def migrate(package: str | Path, owner_dsn: str, app_role: str) -> None:
    """Bring the schema to the newest version; do nothing where it is, or where a later release has been."""
    config = config_of(package)
    with engine_of(owner_dsn).connect() as connection:
        # Before the timeout: whoever migrates at the same time waits until the other is done.
        connection.exec_driver_sql(f"SELECT pg_advisory_lock({ADVISORY_LOCK})")
        connection.exec_driver_sql("SET lock_timeout = '3s'")
        found = MigrationContext.configure(connection).get_current_revision()
        connection.commit()
        if (found or "") > (ScriptDirectory.from_config(config).get_current_head() or ""):
            return
        config.attributes.update(connection=connection, app_role=app_role)
        command.upgrade(config, "head")
        connection.commit()
