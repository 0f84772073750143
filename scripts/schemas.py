"""What a release needs of its databases: `python -m scripts.schemas` records it in deploy/schemas (ADR 0033)."""

import json
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psycopg
from alembic import command
from tools.servers.cache import run

from aktenfluss.servicekit import DatabaseAddress, EmbeddedPostgres
from aktenfluss.servicekit.database.revision import newest_revision
from aktenfluss.servicekit.migrations import config_of, engine_of
from aktenfluss.standalone.household import MIGRATIONS

from .version import version

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "deploy" / "schemas"
PACKAGES = {**MIGRATIONS, "bus": "aktenfluss.servicekit.events.bus_migrations"}
DESCRIPTION = """
WITH tables AS (
    SELECT oid, relname::text AS name, relrowsecurity, relforcerowsecurity FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relname <> 'alembic_version')
SELECT 'table', name, concat_ws(' ', name, CASE WHEN relrowsecurity THEN 'guarded' END, CASE WHEN relforcerowsecurity THEN 'forced' END)
FROM tables
UNION ALL
SELECT 'column', name, concat_ws(' ', name || '.' || attname, format_type(atttypid, atttypmod),
    (SELECT 'collate ' || collname FROM pg_collation WHERE oid = attcollation AND collname <> 'default'),
    CASE WHEN attnotnull THEN 'not null' END,
    CASE WHEN attidentity <> '' THEN 'default identity' END, 'default ' || pg_get_expr(adbin, adrelid))
FROM tables JOIN pg_attribute ON attrelid = tables.oid AND attnum > 0 AND NOT attisdropped
LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
UNION ALL
SELECT 'rule', name, concat_ws(' ', name, conname, pg_get_constraintdef(pg_constraint.oid))
FROM tables JOIN pg_constraint ON conrelid = tables.oid WHERE contype <> 'n'
UNION ALL
SELECT 'rule', name, pg_get_indexdef(indexrelid) FROM tables JOIN pg_index ON indrelid = tables.oid WHERE indisunique
UNION ALL
SELECT CASE WHEN polpermissive THEN 'view' ELSE 'rule' END, name, concat_ws(' ', name, 'policy', polname, polcmd, pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid))
FROM tables JOIN pg_policy ON polrelid = tables.oid
UNION ALL
SELECT 'rule', name, pg_get_triggerdef(pg_trigger.oid) FROM tables JOIN pg_trigger ON tgrelid = tables.oid WHERE NOT tgisinternal
UNION ALL
SELECT 'right', name, concat_ws(' ', name, 'app may', lower(privilege_type))
FROM tables JOIN pg_class USING (oid), aclexplode(relacl) WHERE grantee = %(app)s::regrole
UNION ALL
SELECT 'part', relname, concat_ws(' ', 'sequence', relname) FROM pg_class
WHERE relnamespace = 'public'::regnamespace AND relkind = 'S'
UNION ALL
SELECT 'part', proname, 'function ' || pg_proc.oid::regprocedure FROM pg_proc WHERE pronamespace = 'public'::regnamespace
UNION ALL
SELECT 'part', typname, concat_ws(' ', 'value', typname, enumlabel) FROM pg_enum JOIN pg_type ON pg_type.oid = enumtypid
"""
"""Kind, owner and text of every line: what code relies on, and what it could fail at."""


@dataclass(frozen=True, order=True, slots=True)
class Line:
    """A thing of a schema: a table, a column, a rule of a table that writes may break, a right, another part."""

    kind: str
    owner: str
    text: str

    @property
    def refuses_old_code(self) -> bool:
        """Whether writes of code that does not know it may fail, where its table was there before."""
        return self.kind == "rule" or (
            self.kind == "column" and " not null" in self.text and " default " not in self.text
        )


@dataclass(frozen=True, slots=True)
class Released:
    """The schema of one database as a release left it; `unused` are texts that the code of that release did not need."""

    revision: str
    schema: frozenset[Line]
    unused: frozenset[str]


@dataclass(frozen=True, slots=True)
class Release:
    """A release that may be gone back to: its code, as Git names it, and the schemas of its databases."""

    code: str
    databases: Mapping[str, Released]


def upgrade(package: str | Path, address: DatabaseAddress, revision: str = "head") -> None:
    """Bring a database up to a revision."""
    config = config_of(package)
    with engine_of(address.owner_dsn).connect() as connection:
        config.attributes.update(connection=connection, app_role=address.app_role)
        command.upgrade(config, revision)
        connection.commit()


def schema_of(address: DatabaseAddress) -> frozenset[Line]:
    """Return what a schema consists of."""
    with psycopg.connect(address.owner_dsn) as connection:
        rows = connection.execute(DESCRIPTION.encode(), {"app": address.app_role}).fetchall()
    return frozenset(Line(*row) for row in rows)


def contractions(released: Released, found: frozenset[Line]) -> list[str]:
    """Return what in the schema `found` would break the code of a release: what is gone, and what refuses its writes."""
    needed = {line for line in released.schema if line.text not in released.unused}
    tables = {line.owner for line in released.schema if line.kind == "table"}
    refusing = {line for line in found - released.schema if line.owner in tables and line.refuses_old_code}
    gone = [f"gone: {line.text}" for line in sorted(needed - found) if not defaulted(line, found)]
    return gone + [f"refuses what the release writes: {line.text}" for line in sorted(refusing)]


def defaulted(line: Line, found: Iterable[Line]) -> bool:
    """Return whether a column is as it was, but for a default that it has got."""
    return line.kind == "column" and any(other.text.startswith(f"{line.text} default ") for other in found)


def releases() -> dict[str, Release]:
    """Return the recorded releases by their version, the last one last."""
    return {file.stem: read(file) for file in sorted(FOLDER.glob("*.json"), key=lambda file: number(file.stem))}


def number(version: str) -> tuple[int, ...]:
    """Return a version as what it is ordered by."""
    return tuple(map(int, version.split(".")))


def read(file: Path) -> Release:
    told = json.loads(file.read_text())
    return Release(told["code"], {name: released_of(database) for name, database in told["databases"].items()})


def released_of(told: Mapping[str, Sequence[str] | str]) -> Released:
    lines = frozenset(Line(*str(line).split(" | ", 2)) for line in told["schema"])
    return Released(str(told["revision"]), lines, frozenset(told["unused"]))


def record() -> Path:
    """Write the schemas of this commit, which is the release, and return the file."""
    if run("git", "-C", ROOT, "status", "--porcelain"):
        sys.exit("a release is a commit: there are changes that are in none")
    code = run("git", "-C", ROOT, "rev-parse", "HEAD").strip()
    with tempfile.TemporaryDirectory(prefix="aktenfluss-schemas-") as folder:
        server = EmbeddedPostgres.start(Path(folder) / "postgres")
        databases = {name: describe(server, name, package) for name, package in sorted(PACKAGES.items())}
        server.stop()
    file = FOLDER / f"{version()}.json"
    file.write_text(f"{json.dumps({'code': code, 'databases': databases}, indent=1)}\n")
    return file


def describe(server: EmbeddedPostgres, name: str, package: str, revision: str = "") -> dict[str, str | list[str]]:
    address = server.ensure_database(name)
    upgrade(package, address, revision or "head")
    lines = [f"{line.kind} | {line.owner} | {line.text}" for line in sorted(schema_of(address))]
    return {"revision": revision or newest_revision(package), "unused": [], "schema": lines}


if __name__ == "__main__":
    print(record().relative_to(ROOT))
