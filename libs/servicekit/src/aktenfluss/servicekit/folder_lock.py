"""Who uses a folder: locks that the kernel takes away from a process however it ends."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self


class FolderInUseError(RuntimeError):
    """Another process works in the folder; its number is in the message."""


class FolderLock:
    """The use of a folder by several processes: one starts or ends what is in it at a time, and the last is known.

    The files lie beside the folder, because some programs want to find it empty.
    """

    def __init__(self, folder: Path) -> None:
        self._gate = folder.with_name(f"{folder.name}.gate")
        self._users = os.open(folder.with_name(f"{folder.name}.users"), os.O_RDWR | os.O_CREAT, 0o600)

    @classmethod
    @contextmanager
    def starting(cls, folder: Path) -> Iterator[Self]:
        """Keep others from starting or leaving; whoever does not `share` in the meantime does not use the folder."""
        lock = cls(folder)
        try:
            with lock.alone():
                yield lock
        except BaseException:
            os.close(lock._users)
            raise

    def share(self) -> None:
        """Use the folder until `leaving` or the end of the process."""
        fcntl.flock(self._users, fcntl.LOCK_SH)

    @contextmanager
    def leaving(self) -> Iterator[bool]:
        """End the use and tell whether it was the last; nobody else starts or leaves meanwhile."""
        with self.alone():
            yield is_locked_alone(self._users)
            os.close(self._users)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keep others from starting or leaving."""
        with self._gate.open("ab") as gate:
            fcntl.flock(gate, fcntl.LOCK_EX)
            yield


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Be the only process that works in `folder`, until the end of the process at the latest.

    Raises FolderInUseError where another one is.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "serving.lock").open("a+") as lock:
        if not is_locked_alone(lock.fileno()):
            lock.seek(0)
            process = lock.read().strip() or "?"
            raise FolderInUseError(
                f"process {process} serves {folder.absolute()} already: stop it, or serve another folder (DATA_FOLDER)"
            )
        lock.truncate(0)
        print(os.getpid(), file=lock, flush=True)
        yield


def is_locked_alone(descriptor: int) -> bool:
    """Take the lock of a file for this process alone, and tell whether nobody else has it."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
