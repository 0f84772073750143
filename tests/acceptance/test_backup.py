"""What was backed up as the documentation says is there again after it was restored as the documentation says."""

import os
import re
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from aktenfluss.testkit import PATIENCE_SECONDS

from .conftest import ONE_PROCESS
from .contractor import Order
from .door import Door
from .test_main_job import CLERK, MANAGER, open_order, push_now, wait_for

ROOT = Path(__file__).resolve().parents[2]
BLOCK = re.compile(r"^```bash\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def commands(section: str) -> list[str]:
    """Return the blocks of a section of the page for operators."""
    page = (ROOT / "docs" / "operations.md").read_text()
    return BLOCK.findall(page.partition(f"## {section}\n")[2].partition("\n## ")[0])


BACK_UP_STOPPED, BACK_UP_RUNNING = commands("Back up")
RESTORE_STOPPED, RESTORE_RUNNING, PUT_ASIDE, PROVE = commands("Restore")


@pytest.fixture
def home(data_folder: Path) -> Path:
    """Give the folder in which the operator works: the installation is in `data`, the programs in `.venv`."""
    if not ONE_PROCESS:
        pytest.skip("about one process; a cluster is backed up otherwise")
    (data_folder / ".venv").symlink_to(ROOT / ".venv")
    (data_folder / "data").mkdir()
    return data_folder


@pytest.fixture
def installed(home: Path) -> Iterator[Door]:
    """Give the installation there, stopped."""
    door = Door(home / "data")
    yield door
    if door.runs:
        door.end()


def operate(home: Path, block: str) -> str:
    """Run a block of the documentation and return what it printed."""
    done = subprocess.run(
        ["bash", "-c", f"set -eu\n{block}"],
        cwd=home,
        env={"PATH": os.defpath, "HOME": str(home)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=PATIENCE_SECONDS,
    )
    assert done.returncode == 0, f"{block}\n{done.stdout}"
    return done.stdout


def contents_of(door: Door, order: Order) -> dict[str, object]:
    """Return what a clerk finds: each case file of the order, its entries, and the image of its last page."""
    with door.client(MANAGER) as manager, door.client(CLERK) as clerk:
        items = manager.get(f"/v1/scan-orders/{order.id}/items").raise_for_status().json()["items"]
        found: dict[str, object] = {"items": items}
        for place in (f"/v1/case-files/{item['case_file_id']}" for item in items):
            grant = clerk.post(f"{place}/grants", json={"page_of_file": 3}).raise_for_status().json()
            page = httpx.get(door.base_url + grant["url"], timeout=PATIENCE_SECONDS).raise_for_status().content
            found[place] = (clerk.get(place).json(), clerk.get(f"{place}/entries").json(), page)
    return found


def restart(door: Door, home: Path, restore: str) -> None:
    """Lose everything, restore it and start."""
    (home / "data").rename(home / f"lost-{restore.split(maxsplit=1)[0]}")
    operate(home, restore)
    door.start()


def test_a_backup_brings_everything_back(home: Path, installed: Door, tmp_path: Path) -> None:
    door = installed
    door.start()
    order = open_order(door, 2)
    order.pack(tmp_path / "BOX-1", {item: [2, 1] for item in order.items})
    push_now(door, tmp_path / "BOX-1")
    wait_for(door, order, filed=2)
    before = contents_of(door, order)
    with reading(door, order):
        operate(home, BACK_UP_RUNNING)
    assert door.end() == 0
    operate(home, BACK_UP_STOPPED)

    restart(door, home, RESTORE_STOPPED)
    assert contents_of(door, order) == before
    assert "5 contents: 5 sound" in proven(home)
    assert door.end() == 0

    restart(door, home, RESTORE_RUNNING)
    operate(home, PUT_ASIDE)
    assert contents_of(door, order) == before
    assert "5 contents: 5 sound" in proven(home)
    assert door.end() == 0


def proven(home: Path) -> str:
    said = operate(home, PROVE)
    assert "The audit log is sound." in said
    return said


class reading:  # noqa: N801 - reads as a phrase
    """Clerks who go on reading, so that the audit log grows and is sealed during a backup."""

    def __init__(self, door: Door, order: Order) -> None:
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._read, args=(door, order))

    def _read(self, door: Door, order: Order) -> None:
        while not self._ended.wait(0.2):
            contents_of(door, order)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()
