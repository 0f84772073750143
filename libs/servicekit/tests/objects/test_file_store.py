"""The file store keeps the contract of every object store, and cleans up after the dead."""

import asyncio
import gc
import os
import shutil
import threading
from pathlib import Path

import pytest

from aktenfluss.servicekit import FileStore, ServiceUnavailableError
from aktenfluss.servicekit.objects import file_store
from aktenfluss.servicekit.objects.file_store import on_disk
from aktenfluss.testkit import ObjectStoreContract
from aktenfluss.testkit.object_store_contract import chunks, keys_in


@pytest.fixture
def store(tmp_path):
    return FileStore(tmp_path / "objects")


class TestFileStore(ObjectStoreContract):
    """Runs on a folder."""

    async def test_the_sweep_takes_what_a_killed_write_left(self, tmp_path: Path) -> None:
        store = FileStore(tmp_path)
        left = tmp_path / ".unfinished" / "left"
        left.write_bytes(b"half")
        os.utime(left, (1, 1))
        fresh = tmp_path / ".unfinished" / "fresh"
        fresh.write_bytes(b"being written")
        assert await store.sweep(older_than_seconds=3600) == 1
        assert [path.name for path in (tmp_path / ".unfinished").iterdir()] == ["fresh"]

    async def test_a_caller_who_leaves_keeps_the_file_open_until_the_disk_is_done(self, tmp_path: Path) -> None:
        ended = []
        begun, release = threading.Event(), threading.Event()

        def slow() -> None:
            begun.set()
            release.wait(10)
            ended.append("disk")

        leaving = asyncio.create_task(on_disk(slow))
        await asyncio.to_thread(begun.wait)
        leaving.cancel()
        asyncio.get_running_loop().call_later(0.05, release.set)
        with pytest.raises(asyncio.CancelledError):
            await leaving
        assert ended == ["disk"]

    async def test_what_is_listed_is_taken_from_the_disk_bit_by_bit(self, tmp_path: Path, monkeypatch) -> None:
        monkeypatch.setattr(file_store, "LISTED", 10)
        store = FileStore(tmp_path)
        for number in range(100):
            await store.write(f"contents/{number % 10}/{number}", chunks())
        keys = store.list("contents/")
        await anext(keys)
        shutil.rmtree(tmp_path / "contents")
        assert len([key async for key in keys]) < 20

    async def test_what_somebody_else_left_there_has_no_key(self, tmp_path: Path) -> None:
        store = FileStore(tmp_path)
        await store.write("contents/ours", chunks(b"x"))
        for name in (".DS_Store", "a copy"):
            (tmp_path / "contents" / name).touch()
        assert await keys_in(store) == ["contents/ours"]

    async def test_a_disk_that_cannot_be_listed_is_not_empty(self, tmp_path: Path) -> None:
        store = FileStore(tmp_path / "disk")
        (tmp_path / "disk" / "loop").symlink_to("loop")
        with pytest.raises(ServiceUnavailableError):
            await anext(store.list("loop/"))
        (tmp_path / "disk").rename(tmp_path / "elsewhere")
        with pytest.raises(ServiceUnavailableError):
            await anext(store.list("contents/"))

    async def test_not_every_folder_is_remembered_for_ever(self, tmp_path: Path, monkeypatch) -> None:
        monkeypatch.setattr(file_store, "MOST_FOLDERS", 8)
        store = FileStore(tmp_path)
        for number in range(50):
            await store.write(f"pages/{number}/1.png", chunks(b"x"))
        gc.collect()
        paths = [thing for thing in gc.get_objects() if isinstance(thing, Path)]
        assert len([path for path in paths if path.is_relative_to(tmp_path / "pages")]) <= 8

    async def test_a_disk_that_refuses_is_a_problem_that_passes(self, tmp_path: Path) -> None:
        store = FileStore(tmp_path)
        (tmp_path / "taken").write_bytes(b"a file where a folder should be")
        with pytest.raises(ServiceUnavailableError):
            await store.write("taken/object", chunks(b"x"))
        assert list((tmp_path / ".unfinished").iterdir()) == []

    async def test_a_disk_that_is_gone_is_a_problem_that_passes(self, tmp_path: Path) -> None:
        folder = tmp_path / "disk"
        store = FileStore(folder)
        (folder / ".unfinished").rmdir()
        folder.rmdir()
        folder.write_bytes(b"in its place")
        with pytest.raises(ServiceUnavailableError):
            await store.write("an/object", chunks(b"x"))
        with pytest.raises(ServiceUnavailableError):
            await anext(store.read("an/object"))
