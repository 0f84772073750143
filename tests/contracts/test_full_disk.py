"""A disk that is really full, at the door: 507, nothing left of it, and it recovers as soon as there is room."""

import os
import subprocess
from pathlib import Path

import pytest

from aktenfluss.kernel import Role, digest_of
from aktenfluss.servicekit import FileStore

CONTENT = os.urandom(5 << 20)
DIGEST = digest_of(CONTENT)
PATH = f"/v1/contents/{DIGEST}"


@pytest.fixture
def disk(tmp_path):
    """Mount a disk of three megabytes."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", folder], check=False, capture_output=True
    )
    if mounted.returncode:
        pytest.skip("this machine does not let us mount a small disk")
    yield folder
    # Lazily: a thread of the store may still be closing the file that was read last.
    subprocess.run(["umount", "--lazy", folder], check=True)


@pytest.fixture
def store(disk):
    return FileStore(disk)


def make_room(disk):
    subprocess.run(["mount", "-o", "remount,size=64m", disk], check=True)


def open_files_in(folder):
    """Return the files that this process holds open: a deleted one still takes its room."""
    links = [link for link in Path("/proc/self/fd").iterdir() if link.is_symlink()]
    return [target for target in map(os.path.realpath, links) if target.startswith(str(folder))]


def files_in(folder):
    return [path for path in folder.rglob("*") if path.is_file()]


async def test_a_content_is_refused_until_there_is_room(everybody, disk):
    refused = await everybody.send("PUT", PATH, Role.CONTRACTOR, content=CONTENT)

    assert (refused.status_code, refused.json()["type"]) == (507, "/problems/storage-full")
    assert refused.headers["retry-after"] == "60"
    assert files_in(disk) == []
    assert (await everybody.send("HEAD", PATH, Role.CONTRACTOR)).status_code == 404
    make_room(disk)
    assert (await everybody.send("PUT", PATH, Role.CONTRACTOR, content=CONTENT)).status_code == 201
    assert (await everybody.send("GET", PATH, Role.SERVICE)).content == CONTENT
    assert len(files_in(disk)) == 1
    assert open_files_in(disk) == []


async def test_an_upload_in_chunks_goes_on_when_there_is_room(everybody, disk):
    half = 2 << 20
    first = {"Content-Range": f"bytes 0-{half - 1}/{len(CONTENT)}"}
    rest = {"Content-Range": f"bytes {half}-{len(CONTENT) - 1}/{len(CONTENT)}"}
    kept = await everybody.send("PUT", PATH, Role.CONTRACTOR, content=CONTENT[:half], headers=first)
    assert (kept.status_code, kept.headers["upload-offset"]) == (202, f"{half}")
    before = files_in(disk)

    refused = await everybody.send("PUT", PATH, Role.CONTRACTOR, content=CONTENT[half:], headers=rest)

    assert (refused.status_code, refused.json()["type"]) == (507, "/problems/storage-full")
    assert files_in(disk) == before
    told = await everybody.send("HEAD", PATH, Role.CONTRACTOR)
    assert (told.status_code, told.headers["upload-offset"]) == (404, f"{half}")
    make_room(disk)
    assert (await everybody.send("PUT", PATH, Role.CONTRACTOR, content=CONTENT[half:], headers=rest)).status_code == 201
    assert (await everybody.send("GET", PATH, Role.SERVICE)).content == CONTENT
    assert open_files_in(disk) == []
