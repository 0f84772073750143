"""Which revision a schema has, and which one this release wants.

Asked at each start, so without the machinery that makes revisions: it would stay in the memory of every process.
"""

from importlib.resources import files
from pathlib import Path

import psycopg

CURRENT = "SELECT version_num FROM alembic_version"


def newest_revision(package: str | Path) -> str:
    """Return the newest revision that is shipped in `package`, or lies in that folder: their files begin with it."""
    folder = package if isinstance(package, Path) else files(package)
    versions = (file.name for file in (folder / "versions").iterdir() if file.name.endswith(".py"))
    return max(name.partition("_")[0] for name in versions)


def is_behind(found: str | None, package: str | Path) -> bool:
    """Return whether a database of revision `found` lacks something that this release needs."""
    return found is None or found < newest_revision(package)


def revision_of(dsn: str) -> str | None:
    """Return the revision of a database, None where nothing was ever migrated. Raises psycopg.OperationalError."""
    with psycopg.connect(dsn) as connection:
        try:
            row = connection.execute(CURRENT).fetchone()
        except psycopg.errors.UndefinedTable:
            return None
    return None if row is None else str(row[0])
