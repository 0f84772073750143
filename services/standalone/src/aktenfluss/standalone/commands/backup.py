"""Back an installation up into a store of its own, and restore it from there."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from rich.console import Console

from aktenfluss.audit import service as audit
from aktenfluss.servicekit import (
    FolderInUseError,
    NotPreparedError,
    ObjectStore,
    back_up,
    open_backup_store,
    open_installation,
    restore_databases,
    restore_objects,
    sole_use,
)

from ..household import MIGRATIONS, open_part
from ..settings import StandaloneSettings

console = Console(soft_wrap=True)


def backup(data: Path) -> None:
    """Write a backup and tell what it cost."""
    asyncio.run(write(StandaloneSettings(data_folder=data)))


async def write(settings: StandaloneSettings) -> None:
    async with backup_store(settings) as target, open_installation(settings) as installation:
        for name, package in MIGRATIONS.items():
            installation.databases.require_current(name, package)
        report = await back_up(installation, MIGRATIONS, target)
    size = sum(dump.size_bytes for dump in report.manifest.dumps.values())
    console.print(
        f"{report.manifest.name}: {len(report.manifest.dumps)} databases ({size} bytes), {report.objects.copied} new of "
        f"{report.objects.seen} objects, in {report.seconds:.1f} s; writers waited {report.held_seconds * 1000:.0f} ms."
    )


def restore(data: Path, name: str | None) -> None:
    """Restore a backup, of the latest moment for None, and tell what it cost."""
    settings = StandaloneSettings(data_folder=data)
    try:
        with sole_use(settings):
            asyncio.run(read(settings, name))
    except FolderInUseError as exc:
        raise NotPreparedError(str(exc)) from exc


async def read(settings: StandaloneSettings, name: str | None) -> None:
    begun = time.monotonic()
    async with backup_store(settings) as source, open_installation(settings) as installation:
        manifest = await restore_databases(installation, MIGRATIONS, source, name)
        async with open_part(settings, "audit") as resources:
            objects = await restore_objects(installation, source, audit.restorable(resources))
    seconds = time.monotonic() - begun
    console.print(
        f"{manifest.name}: {len(manifest.dumps)} databases, {objects.copied} of {objects.seen} objects, in {seconds:.1f} s."
    )
    console.print("Start the services, then run `aktenfluss scrub` and `aktenfluss audit verify`.")


@asynccontextmanager
async def backup_store(settings: StandaloneSettings) -> AsyncIterator[ObjectStore]:
    """Open the store of the backups until the body ends."""
    store = open_backup_store(settings)
    try:
        yield store
    finally:
        await store.close()
