"""Checks the database of a service: does it answer, is it durable, are rights and schema as they must be, what waits."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

import psycopg
from psycopg.rows import DictRow, dict_row

from ..database import outbox
from ..database.databases import Databases, telling_absence
from ..database.limits import Limits
from ..database.revision import is_behind, newest_revision, revision_of
from ..errors import ServiceUnavailableError, SettingsError
from ..events import parking
from ..process.measures import FAILED
from .finding import Finding, failure, fine, warning

LEAST_VERSION = 15
STALE_SECONDS = 60
FACTS = """
SELECT current_setting('server_version_num')::integer / 10000 AS version, clock_timestamp() AS now,
       pg_postmaster_start_time() AS server,
       current_setting('max_connections')::integer - current_setting('superuser_reserved_connections')::integer
           - coalesce(current_setting('reserved_connections', true)::integer, 0) AS most,
       (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend') AS used,
       current_setting('fsync') = 'on' AND current_setting('full_page_writes') = 'on'
           AND current_setting('synchronous_commit') <> 'off' AS durable,
       current_setting('data_checksums') = 'on' AS checksums, current_setting('server_encoding') AS encoding,
       current_setting('statement_timeout')::interval AS statement, current_setting('lock_timeout')::interval AS lock,
       rolsuper OR rolbypassrls AS unlimited,
       EXISTS (SELECT FROM pg_database WHERE datname = current_database() AND datdba = r.oid)
           OR EXISTS (SELECT FROM pg_class WHERE relowner = r.oid AND relnamespace = 'public'::regnamespace) AS owns,
       ARRAY(SELECT relname::text FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid AND attname = 'tenant_id'
             WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND NOT (relrowsecurity AND relforcerowsecurity)
             ORDER BY relname) AS unguarded
FROM pg_roles r WHERE rolname = current_user
"""
DROPPED = "What stands between the services and PostgreSQL drops the settings of a session: connect them directly, or by a pooler that keeps sessions."


@dataclass(frozen=True, slots=True)
class Seen:
    """What the database of `name` told about itself; None where it did not answer.

    `server` is when its server was started, to the microsecond: what tells servers apart, also behind other addresses.
    """

    name: str
    findings: list[Finding]
    now: datetime | None = None
    server: datetime | None = None
    most_connections: int = 0
    used_connections: int = 0
    told_at: float = 0.0
    """When it said `now`, by the monotonic clock of this process."""


def look_at(databases: Databases, name: str, package: str, limits: Limits, *, has_work: bool = True) -> Seen:
    """Enter the database of `name` as its service does, and look around; `has_work` says whether work waits in it."""
    try:
        dsn = databases.address(name).app_dsn
        with telling_absence(name), entered(dsn, limits) as connection:
            begun = time.monotonic()
            facts = connection.execute(FACTS.encode()).fetchone() or {}
            told_at = (begun + time.monotonic()) / 2
            revision = revision_of(dsn)
            behind = is_behind(revision, package)
            waiting = work(connection, name) if has_work and not behind else None
    except (ServiceUnavailableError, SettingsError) as exc:
        return Seen(name, [failure(f"database {name}", str(exc), "Start PostgreSQL, or put right DATABASE_URL.")])
    findings = [server(name, facts, limits), rights(name, facts), schema(name, revision, newest_revision(package))]
    findings += [waiting] if waiting else []
    return Seen(name, findings, facts["now"], facts["server"], facts["most"], facts["used"], told_at)


@contextmanager
def entered(dsn: str, limits: Limits) -> Iterator[psycopg.Connection[DictRow]]:
    options = " ".join(f"-c {name}={value}" for name, value in limits.session.items())
    patience = max(2, round(limits.connect))
    with psycopg.connect(dsn, connect_timeout=patience, options=options, row_factory=dict_row) as connection:
        yield connection


def server(name: str, facts: DictRow, limits: Limits) -> Finding:
    """Tell whether the server is new enough, keeps what it acknowledged, and keeps to the limits."""
    told = f"PostgreSQL {facts['version']}"
    name = f"database {name}"
    if facts["version"] < LEAST_VERSION:
        return failure(name, told, f"Upgrade PostgreSQL to {LEAST_VERSION} or newer.")
    if not facts["durable"]:
        way_out = "Turn on fsync, full_page_writes and synchronous_commit: a power cut loses what was answered."
        return failure(name, f"{told}, not durable", way_out)
    if facts["encoding"] != "UTF8":
        return failure(name, f"{told}, {facts['encoding']}", "Make the database anew with ENCODING 'UTF8'.")
    if (facts["statement"].total_seconds(), facts["lock"].total_seconds()) != (limits.statement, limits.lock):
        return failure(name, f"{told}, without our timeouts", DROPPED)
    if not facts["checksums"]:
        return warning(name, f"{told}, no checksums", "Stop the server and run `pg_checksums --enable`.")
    return fine(name, f"{told}, durable, with checksums and timeouts")


def rights(name: str, facts: DictRow) -> Finding:
    """Tell whether the role can pass over row-level security, and whether a table is without."""
    name = f"rights {name}"
    if facts["unlimited"]:
        way_out = "Take SUPERUSER and BYPASSRLS from the role in DATABASE_URL: it sees every authority's records."
        return failure(name, "the role passes over row-level security", way_out)
    if facts["owns"]:
        way_out = "Name the app's role in DATABASE_URL, the owner's in DATABASE_OWNER_URL alone."
        return failure(name, "the role owns the database or tables", way_out)
    if facts["unguarded"]:
        tables = ", ".join(facts["unguarded"])
        return failure(name, f"no row-level security on {tables}", "ALTER TABLE … ENABLE and FORCE ROW LEVEL SECURITY.")
    return fine(name, "the role owns nothing, row-level security is on")


def schema(name: str, revision: str | None, newest: str) -> Finding:
    """Tell whether the schema has what this release needs."""
    name = f"schema {name}"
    if revision is None or revision < newest:
        return failure(name, f"{revision or 'none'}, needed is {newest}", "Run `aktenfluss migrate`.")
    if revision > newest:
        way_out = "None while you go back from a later release; else install that release again."
        return warning(name, f"{revision}, of a later release than {newest}", way_out)
    return fine(name, revision)


def work(connection: psycopg.Connection[DictRow], name: str) -> Finding:
    """Tell what waits for an operator, or for longer than it should."""

    def count(query: str) -> int:
        return int(next(iter((connection.execute(query.encode()).fetchone() or {}).values())))

    name = f"work {name}"
    waiting, age = (connection.execute(outbox.WAITING.encode()).fetchone() or {}).values()
    parked, failed = count(parking.COUNT), count(FAILED)
    told = f"{parked} parked events, {failed} failed jobs, {waiting} events to publish"
    if parked:
        return warning(name, told, "See `aktenfluss parked list`, remove the cause, then `aktenfluss parked retry`.")
    if failed:
        return warning(name, told, "Remove the cause, which the log names, then `aktenfluss jobs retry`.")
    if age > STALE_SECONDS:
        return warning(name, f"{told} for {age:.0f} s", "Start a worker of the service, or the bus.")
    return fine(name, told)
