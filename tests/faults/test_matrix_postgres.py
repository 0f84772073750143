"""F3 and F7: the database server is killed, or its disk is full."""

import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import httpx
import psycopg
import pytest
from tests.acceptance.door import Door

from aktenfluss.kernel import Role

from .conftest import content_of
from .one_process import socket_url

pytestmark = pytest.mark.faults
READY_SECONDS = 5.0


def seconds_until_ready(door: Door) -> float:
    began = time.monotonic()
    while not door.is_ready():
        assert time.monotonic() < began + 60, (door.data / "serve.log").read_text()[-3000:]
        time.sleep(0.02)
    return time.monotonic() - began


def put(client: httpx.Client, size: int) -> tuple[str, bytes, httpx.Response]:
    path, content = content_of(size)
    return path, content, client.put(path, content=content)


def test_f3_the_database_server_is_killed_and_all_is_ready_again_within_five_seconds(door: Door) -> None:
    door.start()
    taken, seconds = [], []
    with door.client(Role.CONTRACTOR) as contractor, door.client(Role.SERVICE) as service:
        for _ in range(3):
            path, content, answer = put(contractor, 100_000)
            assert answer.status_code == 201
            taken.append((path, content))
            door.kill_database()
            seconds.append(seconds_until_ready(door))
        assert all(service.get(path).content == content for path, content in taken)
    sys.stdout.write(f"\nF3: ready again after {', '.join(f'{taken:.1f}' for taken in seconds)} s\n")
    assert max(seconds) <= READY_SECONDS


def move_log_to(disk: Path, database: Path) -> None:
    """Put the write-ahead log of a stopped server on a disk of its own."""
    owner = database.stat()
    shutil.copytree(database / "pg_wal", disk / "pg_wal")
    shutil.rmtree(database / "pg_wal")
    (database / "pg_wal").symlink_to(disk / "pg_wal")
    subprocess.run(["chown", "-R", f"{owner.st_uid}:{owner.st_gid}", disk], check=True)
    disk.parent.chmod(0o755)
    disk.parent.parent.chmod(0o755)
    disk.parent.parent.parent.chmod(0o755)


def test_f7_a_full_disk_under_the_database_loses_nothing_that_was_answered(
    small_disk: Callable[[int], Path], door: Door
) -> None:
    door.start()
    door.end()
    disk = small_disk(400)
    move_log_to(disk, door.data / "postgres")
    door.start()
    with door.client(Role.CONTRACTOR) as contractor, door.client(Role.SERVICE) as service:
        path, content, answer = put(contractor, 100_000)
        assert answer.status_code == 201
        ballast = disk / "ballast"
        fill(door, ballast)
        _, _, refused = put(contractor, 2000)
        assert refused.status_code in {503, 507}
        assert "retry-after" in refused.headers
        ballast.unlink()
        seconds = seconds_until_ready(door)
        assert put(contractor, 1000)[2].status_code == 201
        assert service.get(path).content == content
    sys.stdout.write(f"\nF7: ready {seconds:.1f} s after there was room\n")


def fill(door: Door, ballast: Path) -> None:
    """Leave no room on the disk of the log, and let the server notice."""
    with ballast.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(b"\0" * (64 << 10))
    with suppress(psycopg.OperationalError), psycopg.connect(socket_url(door.data, "postgres"), autocommit=True) as log:
        log.execute("CREATE TABLE IF NOT EXISTS ballast (bytes text)")
        while True:
            log.execute("INSERT INTO ballast SELECT md5(random()::text) FROM generate_series(1, 20000)")
