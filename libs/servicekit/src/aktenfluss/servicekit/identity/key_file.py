"""Secrets in files: made at first start, readable by their owner only."""

import os
import secrets
from collections.abc import Callable
from pathlib import Path


class KeyFileOpenError(PermissionError):
    """A key file can be read by others than its owner."""


def random_secret() -> bytes:
    """Return 32 random bytes, for Cursors and Grants."""
    return secrets.token_bytes(32)


def key_file(path: Path, make: Callable[[], bytes] = random_secret) -> bytes:
    """Return the content of `path`; where it does not exist, make it durable with mode 0600 first.

    Two processes that start at once end up with the same content. Raises KeyFileOpenError where others may read it.
    """
    if not path.exists():
        create(path, make())
    found = path.stat()
    mode = found.st_mode & 0o777
    if is_open(mode, found.st_uid, os.geteuid()):
        raise KeyFileOpenError(f"{path} is readable by others (mode {mode:o}): make a new key, or chmod 600 it")
    return path.read_bytes()


def is_open(mode: int, owner: int, user: int) -> bool:
    """Tell whether others than `user` may read a file.

    What root hands to another user it makes readable for a group: Kubernetes so mounts a Secret for a process that is not
    root.
    """
    handed_over = owner == 0 != user
    return bool(mode & (0o037 if handed_over else 0o077))


def create(path: Path, content: bytes) -> None:
    """Write `content` beside `path` and link it there, which fails where another process was faster."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.link(draft, path)
    except FileExistsError:
        return
    finally:
        draft.unlink()
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
