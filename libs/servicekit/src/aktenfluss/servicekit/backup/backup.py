"""Backs an installation up while it runs: first the databases at one moment, then the objects they refer to."""

import time
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass

from ..database.revision import revision_of
from ..objects.object_store import ObjectStore
from ..process.installation import Installation
from .dump import dumped
from .manifest import OBJECTS, Counted, Dump, Manifest, dump_key, manifest_key
from .moment import Moment, one_moment
from .objects import Copied, copy_objects


@dataclass(frozen=True, slots=True)
class Report:
    """What was backed up, and how long it took; what was answered before `manifest.moment` is in it."""

    manifest: Manifest
    objects: Copied
    held_seconds: float
    seconds: float


async def back_up(installation: Installation, names: Iterable[str], target: ObjectStore) -> Report:
    """Back the databases of `names` and all objects up into `target`, which keeps what it has.

    The databases come first: an object is durable before any row names it. Their buses are not backed up: what was told
    is in the outboxes, and a restore tells it again.
    """
    begun = time.monotonic()
    dsns = {name: installation.databases.backup_dsn(name) for name in names}
    await target.prepare()
    async with one_moment(dsns) as moment:
        manifest = Manifest.of(moment.at, {})
        dumps = {name: await dump(dsns[name], moment, name, manifest.name, target) for name in dsns}
    objects = await copy_objects(installation.store, target, to=OBJECTS)
    manifest = Manifest(manifest.name, dumps)
    await target.write(manifest_key(manifest.name), once(manifest.encode()))
    return Report(manifest, objects, moment.held_seconds, time.monotonic() - begun)


async def dump(dsn: str, moment: Moment, name: str, backup: str, target: ObjectStore) -> Dump:
    """Write the dump of one database, and return what is to be remembered of it."""
    chunks = Counted(dumped(dsn, moment.snapshots[name]))
    await target.write(dump_key(backup, name), aiter(chunks))
    return Dump(str(revision_of(dsn)), chunks.size_bytes, chunks.sha256)


async def once(content: bytes) -> AsyncIterator[bytes]:
    yield content
