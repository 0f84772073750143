"""`aktenfluss backup` beside a running installation, and `aktenfluss restore` into nothing."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from aktenfluss.testkit import PATIENCE_SECONDS

from .conftest import ONE_PROCESS
from .door import Door
from .test_backup import contents_of, reading
from .test_main_job import open_order, push_now, wait_for

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def home(data_folder: Path) -> Path:
    """Give the folder in which `lost`, `restored` and the backups are."""
    if not ONE_PROCESS:
        pytest.skip("about one process; tests/faults restores a cluster")
    for name in ("lost", "restored"):
        (data_folder / name).mkdir()
    return data_folder


@pytest.fixture
def installed(home: Path) -> Iterator[Door]:
    door = Door(home / "lost")
    door.start()
    yield door
    if door.runs:
        door.kill(with_database=True)


@pytest.fixture
def prepared(home: Path) -> Path:
    """Give an installation in `lost` that was migrated and does not run."""
    operate(home, "lost", "migrate")
    return home


def operate(home: Path, folder: str, *arguments: str, code: int = 0, **environment: str) -> str:
    """Run a command on an installation of `home` and return what it printed."""
    command = [ROOT / ".venv/bin/aktenfluss", *arguments, "--data", home / folder]
    told = os.environ | {"BACKUP_URL": f"file://{home / 'backups'}", "COLUMNS": "300"} | environment
    done = subprocess.run(command, env=told, capture_output=True, text=True, check=False, timeout=PATIENCE_SECONDS)
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_what_was_backed_up_while_clerks_read_is_there_after_a_restore(
    home: Path, installed: Door, tmp_path: Path
) -> None:
    order = open_order(installed, 2)
    order.pack(tmp_path / "BOX-1", {item: [2, 1] for item in order.items})
    push_now(installed, tmp_path / "BOX-1")
    wait_for(installed, order, filed=2)
    before = contents_of(installed, order)
    with reading(installed, order):
        first = operate(home, "lost", "backup")
        second = operate(home, "lost", "backup")
    assert re.search(r"4 databases \(\d+ bytes\), \d+ new of \d+ objects", first)
    assert not re.search(r" 0 new of", first)
    order_later = open_order(installed, 1)
    installed.kill(with_database=True)

    shutil.copytree(home / "lost" / "keys", home / "restored" / "keys")
    assert second.partition(":")[0] in operate(home, "restored", "restore")
    door = Door(home / "restored", installed.base_url)
    door.start()
    assert contents_of(door, order) == before
    with door.client("records-manager") as manager:
        assert manager.get(f"/v1/scan-orders/{order_later.id}").status_code == 404
    again = open_order(door, 1)
    again.pack(tmp_path / "BOX-2", {item: [1] for item in again.items})
    push_now(door, tmp_path / "BOX-2")
    wait_for(door, again, filed=1)
    assert "The audit log is sound." in operate(home, "restored", "audit", "verify")
    assert re.search(r"(\d+) contents: \1 sound", operate(home, "restored", "scrub"))
    assert "Nothing is parked." in operate(home, "restored", "parked", "list")
    assert door.end() == 0


def test_a_restore_overwrites_nothing(home: Path, installed: Door) -> None:
    operate(home, "lost", "backup")
    assert "serves" in operate(home, "lost", "restore", code=2)
    assert installed.end() == 0
    assert "is not empty" in operate(home, "lost", "restore", code=2)


def test_a_backup_that_is_not_there_or_not_whole_is_refused(prepared: Path) -> None:
    assert "there is no backup" in operate(prepared, "restored", "restore", code=2)
    operate(prepared, "lost", "backup")
    assert "there are: 20" in operate(prepared, "restored", "restore", "--backup", "nobody", code=2)
    dump = next((prepared / "backups" / "databases").glob("*/cases.dump"))
    dump.write_bytes(dump.read_bytes()[:-10])
    assert "the dump of cases is not what was written" in operate(prepared, "restored", "restore", code=2)


def test_the_store_of_the_installation_keeps_no_backups(prepared: Path) -> None:
    assert "a backup is kept elsewhere" in operate(prepared, "lost", "backup", code=2, BACKUP_URL="file:")
    assert "BACKUP_URL: no object store for" in operate(prepared, "lost", "backup", code=2, BACKUP_URL="ftp://nas")
