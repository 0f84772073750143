"""Restores an installation into empty databases and a store, from a backup; nothing that is there is overwritten."""

import asyncio
from collections.abc import Mapping

import psycopg

from ..database.databases import telling_absence
from ..database.revision import revision_of
from ..objects.object_store import ObjectStore
from ..process.installation import Installation
from ..process.jobs import KEPT_DAYS
from .dump import load
from .manifest import OBJECTS, BackupError, Manifest, dump_key, read_manifest, verify
from .objects import Admits, Copied, copy_objects

TOLD_AGAIN_DAYS = KEPT_DAYS - 1
"""Fewer than inboxes remember: what was told longer ago must not be told again, it would be applied twice."""
TELL_AGAIN = "UPDATE outbox SET published_at = NULL WHERE published_at > %s - make_interval(days => %s)"
REMEMBER = "UPDATE inbox SET applied_at = now()"
"""From now on for as long as a fresh one: an old backup would forget at once, and apply twice what is told again."""


async def restore_databases(
    installation: Installation, schemas: Mapping[str, str], source: ObjectStore, name: str | None
) -> Manifest:
    """Restore the databases of a backup, of the latest for None, and bring them, bus and store to this release.

    Every event of the last days is told again: the bus is empty, and who has applied it passes it over.
    Raises BackupError before anything is changed; where a dump fails half-way, what was made so far is whole.
    """
    manifest = await read_manifest(source, name)
    if strangers := sorted(manifest.dumps.keys() ^ schemas.keys()):
        raise BackupError(f"the backup {manifest.name} is of other databases: {', '.join(strangers)}")
    await verify(source, manifest)
    dsns = {each: installation.databases.address(each).owner_dsn for each in schemas}
    for each, dsn in dsns.items():
        await asyncio.to_thread(require_empty, each, dsn)
    for each, dsn in dsns.items():
        await load(dsn, source.read(dump_key(manifest.name, each)))
        await asyncio.to_thread(tell_again, each, dsn, manifest)
    await installation.prepare(schemas)
    return manifest


async def restore_objects(installation: Installation, source: ObjectStore, admits: Admits) -> Copied:
    """Copy the objects of a backup into the store, those that `admits` lets pass."""
    return await copy_objects(source, installation.store, of=OBJECTS, admits=admits)


def require_empty(name: str, dsn: str) -> None:
    """Raise BackupError where something was ever migrated in a database."""
    with telling_absence(name):
        revision = revision_of(dsn)
    if revision is not None:
        raise BackupError(f"the database of {name} is not empty: drop it and make it anew, or name another one")


def tell_again(name: str, dsn: str, manifest: Manifest) -> None:
    """Let the relay publish what was published, and the inbox remember what was applied."""
    with telling_absence(name), psycopg.connect(dsn) as connection:
        connection.execute(TELL_AGAIN, [manifest.moment, TOLD_AGAIN_DAYS])
        connection.execute(REMEMBER)
