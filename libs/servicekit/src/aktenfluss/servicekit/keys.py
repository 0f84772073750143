"""Secrets of an installation, made at its first start and kept in its data folder."""

import os
import secrets
from pathlib import Path

LENGTH = 32


def kept_secret(file: Path) -> bytes:
    """Return the secret in `file`, made now where there is none; only its owner may read it."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return file.read_bytes()
    with os.fdopen(descriptor, "wb") as created:
        created.write(secrets.token_bytes(LENGTH))
        created.flush()
        os.fsync(created.fileno())
    return file.read_bytes()
