"""F3 and F7: the database server is killed, or its disk is full."""

import re
import shutil
import statistics
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
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
KILLS = 5
UNLUCKY_SECONDS = 60.0
"""How long any single one may take, with everything: other work of the machine can hold up a start."""
SYNCING = re.compile(
    r"^(\S+ \S+) .+ database system was interrupted(?:.*\n)+?(\S+ \S+) .+ database system was not properly shut down",
    re.MULTILINE,
)


def seconds_until(door: Door, condition: Callable[[], bool]) -> float:
    began = time.monotonic()
    while not condition():
        assert time.monotonic() < began + UNLUCKY_SECONDS, (door.data / "serve.log").read_text()[-3000:]
        time.sleep(0.02)
    return time.monotonic() - began


def database_of(door: Door) -> list[str]:
    """Return the number of the server's process; nothing while none has written it down."""
    with suppress(FileNotFoundError):
        return (door.data / "postgres" / "postmaster.pid").read_text().split()[:1]
    return []


def recovery(door: Door) -> tuple[float, float]:
    """Kill the server; return how long it took until another was there and the product ready, and how long that one synced.

    Right after the kill the product is ready still: connections outlive the server for a moment.
    """
    killed, log = database_of(door), door.data / "postgres" / "log"
    logged = log.stat().st_size
    door.kill_database()
    seconds = seconds_until(door, lambda: database_of(door) not in ([], killed) and door.is_ready())
    return seconds, seconds_of_syncing(log.read_bytes()[logged:].decode())


def seconds_of_syncing(log: str) -> float:
    """Return how long a server wrote its folder out before its recovery: that is up to the disk and its other users."""
    moments = [map(datetime.fromisoformat, found) for found in SYNCING.findall(log)]
    return sum((end - begin).total_seconds() for begin, end in moments)


def put(client: httpx.Client, size: int) -> tuple[str, bytes, httpx.Response]:
    path, content = content_of(size)
    return path, content, client.put(path, content=content)


def test_f3_the_database_server_is_killed_and_all_is_ready_again_within_five_seconds(
    door: Door, measured: Callable[[str], None]
) -> None:
    door.start()
    taken, recoveries = [], []
    with door.client(Role.CONTRACTOR) as contractor, door.client(Role.SERVICE) as service:
        for _ in range(KILLS):
            path, content, answer = put(contractor, 100_000)
            assert answer.status_code == 201
            taken.append((path, content))
            recoveries.append(recovery(door))
        assert [service.get(path).content == content for path, content in taken] == [True] * KILLS
    told = ", ".join(f"{seconds:.1f} ({syncing:.1f})" for seconds, syncing in recoveries)
    measured(f"F3: ready again after {told} s; in parentheses, how long the server wrote its folder out")
    assert statistics.median(seconds - syncing for seconds, syncing in recoveries) <= READY_SECONDS


def move_log_to(disk: Path, database: Path) -> None:
    """Put the write-ahead log of a stopped server on a disk of its own."""
    owner = database.stat()
    shutil.copytree(database / "pg_wal", disk / "pg_wal")
    shutil.rmtree(database / "pg_wal")
    (database / "pg_wal").symlink_to(disk / "pg_wal")
    subprocess.run(["chown", "-R", f"{owner.st_uid}:{owner.st_gid}", disk], check=True)


def test_f7_a_full_disk_under_the_database_loses_nothing_that_was_answered(
    small_disk: Callable[[int], Path], door: Door, measured: Callable[[str], None]
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
        seconds = seconds_until(door, door.is_ready)
        assert put(contractor, 1000)[2].status_code == 201
        assert service.get(path).content == content
    measured(f"F7: ready {seconds:.1f} s after there was room")


def fill(door: Door, ballast: Path) -> None:
    """Leave no room on the disk of the log, and let the server notice."""
    with ballast.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(b"\0" * (64 << 10))
    with suppress(psycopg.OperationalError), psycopg.connect(socket_url(door.data, "postgres"), autocommit=True) as log:
        log.execute("CREATE TABLE IF NOT EXISTS ballast (bytes text)")
        while True:
            log.execute("INSERT INTO ballast SELECT md5(random()::text) FROM generate_series(1, 20000)")
