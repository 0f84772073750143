"""What the rows of the matrix share: an installation of their own, and clients that send contents."""

import hashlib
import os
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.acceptance.door import Door

from .gate import SETTLE_SECONDS
from .load import Load
from .shape import Shape


@pytest.fixture
def door(data_folder: Path) -> Iterator[Door]:
    """Give an installation of one process that is not started yet."""
    door = Door(data_folder)
    yield door
    if door.runs:
        door.end()


@pytest.fixture
def small_disk(data_folder: Path) -> Iterator[Callable[[int], Path]]:
    """Mount disks of so many megabytes, where the user of an embedded server comes too.

    To be asked for before the `door`, which then ends while they are there.
    """
    mounted: list[Path] = []

    def mount(megabytes: int) -> Path:
        folder = data_folder / f"disk-{len(mounted)}"
        folder.mkdir()
        command = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", folder]
        if subprocess.run(command, check=False, capture_output=True).returncode:
            pytest.skip("this machine does not let us mount a small disk")
        mounted.append(folder)
        return folder

    yield mount
    for folder in mounted:
        subprocess.run(["umount", "--lazy", folder], check=True)


def content_of(size: int) -> tuple[str, bytes]:
    """Return the path of a new content, and the content."""
    content = os.urandom(size)
    return f"/v1/contents/sha256:{hashlib.sha256(content).hexdigest()}", content


@contextmanager
def loaded(shape: Shape, folder: Path, seed: int) -> Iterator[Load]:
    """Let clients work for the time of the block; they finish what they have begun, and notice nothing wrong."""
    load = Load(shape.base_url, shape.token, folder, seed)
    load.start()
    try:
        yield load
    finally:
        load.end(SETTLE_SECONDS)
    assert +load.record.noticed == Counter()
