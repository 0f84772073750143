"""What is told again after a restore, and which backups there are."""

from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest

from aktenfluss.servicekit import BackupError, FileStore, Manifest, ServiceSettings, SettingsError, open_backup_store
from aktenfluss.servicekit.backup.backup import once
from aktenfluss.servicekit.backup.manifest import Dump, backups, dump_key, manifest_key, read_manifest, verify
from aktenfluss.servicekit.backup.restore import require_empty, tell_again

SCRATCH = Path(__file__).parents[1] / "scratch_migrations"
TOLD = """
INSERT INTO outbox (topic, slot, id, key, type, tenant, subject, aggregate_version, actor, correlation_id, occurred_at, payload,
                    published_at)
VALUES ('t', 0, gen_random_uuid(), %s, 't', 'offenbach', 'k', 1, 'a', '', now(), '{}', now() - %s::interval)
"""
APPLIED = "INSERT INTO inbox (id, applied_at) VALUES (gen_random_uuid(), now() - interval '13 days 23 hours')"


@pytest.fixture
async def database(postgres):
    await postgres.empty_database("scratch", SCRATCH)
    return postgres.superuser_dsn("scratch")


async def test_what_inboxes_still_remember_is_told_again_and_they_remember_from_now(database):
    with psycopg.connect(database, autocommit=True) as connection:
        for key, age in (("waiting", None), ("fresh", "1 hour"), ("old", "12 days"), ("too old", "13 days 1 hour")):
            connection.execute(TOLD, [key, age])
        connection.execute(APPLIED)
        [now] = connection.execute("SELECT now()").fetchone()
        tell_again("scratch", database, Manifest.of(now, {}))
        waiting = connection.execute("SELECT key FROM outbox WHERE published_at IS NULL ORDER BY seq").fetchall()
        [age] = connection.execute("SELECT now() - applied_at < interval '1 minute' FROM inbox").fetchone()
    assert ([key for (key,) in waiting], age) == (["waiting", "fresh", "old"], True)


async def test_a_database_in_which_there_is_something_is_refused(database):
    with pytest.raises(BackupError, match="the database of scratch is not empty"):
        require_empty("scratch", database)


def test_the_name_of_a_backup_is_its_moment():
    moment = datetime(2026, 11, 23, 18, 30, 5, 120_000, tzinfo=UTC)
    manifest = Manifest.of(moment, {"cases": Dump("0002", 4, "ab")})
    assert (manifest.name, manifest.moment) == ("20261123T183005.120000Z", moment)
    assert Manifest.decode(manifest.encode()) == manifest


async def write(store: FileStore, name: str, dump: bytes = b"", sha256: str = "") -> Manifest:
    manifest = Manifest(name, {"cases": Dump("0002", 4, sha256)})
    if dump:
        await store.write(dump_key(name, "cases"), once(dump))
    await store.write(manifest_key(name), once(manifest.encode()))
    return manifest


async def test_the_latest_whole_backup_is_taken(tmp_path):
    store = FileStore(tmp_path)
    for name in ("20260101T000000.000000Z", "20260102T000000.000000Z"):
        await write(store, name)
    await store.write(dump_key("20260103T000000.000000Z", "cases"), once(b"broke off"))
    assert await backups(store) == ["20260101T000000.000000Z", "20260102T000000.000000Z"]
    assert (await read_manifest(store, None)).name == "20260102T000000.000000Z"
    assert (await read_manifest(store, "20260101T000000.000000Z")).name == "20260101T000000.000000Z"
    with pytest.raises(BackupError, match="there is no backup other; there are: 20260101"):
        await read_manifest(store, "other")


async def test_a_dump_that_is_missing_or_changed_is_told(tmp_path):
    store = FileStore(tmp_path)
    with pytest.raises(BackupError, match="the dump of cases is missing"):
        await verify(store, await write(store, "missing"))
    with pytest.raises(BackupError, match="the dump of cases is not what was written"):
        await verify(store, await write(store, "changed", b"dump", "0" * 64))


@pytest.mark.parametrize(
    ("url", "told"),
    [
        (None, "BACKUP_URL is missing"),
        ("file:", "kept elsewhere"),
        ("s3://store/bucket", "^BACKUP_URL: the access key is missing"),
    ],
)
def test_a_place_that_is_none_is_told(url, told):
    with pytest.raises(SettingsError, match=told):
        open_backup_store(ServiceSettings(backup_url=url))
