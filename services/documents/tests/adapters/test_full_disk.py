"""A full disk: 507, nothing left behind, and it recovers by itself."""

import os
import subprocess
from contextlib import contextmanager

import pytest

from aktenfluss.kernel import digest_of
from aktenfluss.servicekit import FileStore

CONTENT = os.urandom(5 << 20)


@contextmanager
def small_disk(folder):
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", folder], check=False)
    if mounted.returncode:
        pytest.skip("this machine does not let us mount a small disk")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


@pytest.fixture
def store(tmp_path):
    with small_disk(tmp_path / "objects") as folder:
        yield FileStore(folder)


async def test_a_full_disk_is_told_and_later_pushes_succeed(contractor, service, stored_files, problem_of):
    response = await contractor.put(f"/v1/contents/{digest_of(CONTENT)}", content=CONTENT)
    assert problem_of(response) == {
        "type": "/problems/storage-full",
        "title": "Storage full",
        "status": 507,
        "detail": "the object store has no room left",
    }
    assert stored_files() == []
    small = CONTENT[: 1 << 20]
    path = f"/v1/contents/{digest_of(small)}"
    assert (await contractor.put(path, content=small)).status_code == 201
    assert (await service.get(path)).content == small
