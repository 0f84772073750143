"""Bytes are lent as files, so many at a time, and leave nothing."""

import asyncio
import subprocess

import pytest

from aktenfluss.servicekit import ServiceUnavailableError, StorageFullError, TemporaryCopies
from aktenfluss.testkit.object_store_contract import MEBIBYTE, broken, chunks, stuck


async def test_a_copy_is_there_while_it_is_lent(tmp_path):
    async with TemporaryCopies(1, tmp_path).lend(chunks(MEBIBYTE, b"end"), ".pdf") as path:
        assert path.parent == tmp_path
        assert path.suffix == ".pdf"
        assert path.read_bytes() == MEBIBYTE + b"end"
    assert list(tmp_path.iterdir()) == []


async def test_a_broken_source_leaves_nothing(tmp_path):
    with pytest.raises(ConnectionAbortedError):
        async with TemporaryCopies(1, tmp_path).lend(broken(b"half")):
            pass
    assert list(tmp_path.iterdir()) == []


async def test_who_comes_later_waits_for_a_place(tmp_path):
    copies = TemporaryCopies(1, tmp_path)
    reached = asyncio.Event()

    async def lend(content):
        async with copies.lend(content):
            return len(list(tmp_path.iterdir()))

    first = asyncio.create_task(lend(stuck(reached, b"x")))
    await reached.wait()
    second = asyncio.create_task(lend(chunks(b"y")))
    await asyncio.sleep(0)
    assert len(list(tmp_path.iterdir())) == 1
    first.cancel()
    assert await second == 1
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def small_disk(tmp_path):
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", tmp_path], check=False)
    if mounted.returncode:
        pytest.skip("this machine does not let us mount a small disk")
    yield tmp_path
    subprocess.run(["umount", "--lazy", tmp_path], check=True)


async def test_a_full_disk_is_told_and_nothing_stays(small_disk):
    with pytest.raises(StorageFullError, match="the folder for temporary files has no room left"):
        async with TemporaryCopies(1, small_disk).lend(chunks(b"x", MEBIBYTE, MEBIBYTE)):
            pass
    assert list(small_disk.iterdir()) == []


async def test_without_a_folder_no_copy(tmp_path):
    with pytest.raises(ServiceUnavailableError, match="the folder for temporary files does not answer"):
        async with TemporaryCopies(1, tmp_path / "nowhere").lend(chunks(b"x")):
            pass
