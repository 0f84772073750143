"""The file store keeps the contract of every object store, and cleans up after the dead."""

import os
from pathlib import Path

from aktenfluss.servicekit import FileStore
from aktenfluss.testkit import ObjectStoreContract


class TestFileStore(ObjectStoreContract):
    """Runs on the `store` fixture of the test kit."""

    async def test_the_sweep_takes_what_a_killed_write_left(self, tmp_path: Path) -> None:
        store = FileStore(tmp_path)
        left = tmp_path / ".unfinished" / "left"
        left.write_bytes(b"half")
        os.utime(left, (1, 1))
        fresh = tmp_path / ".unfinished" / "fresh"
        fresh.write_bytes(b"being written")
        assert await store.sweep(older_than_seconds=3600) == 1
        assert [path.name for path in (tmp_path / ".unfinished").iterdir()] == ["fresh"]
