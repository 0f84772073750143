"""Passwords and keys of the servers: made up on the first use, kept in their folders, readable by their user alone."""

import os
import secrets
from pathlib import Path


def secret(file: Path) -> str:
    """Return what the file holds; make something up where there is none."""
    if not file.exists():
        write_secret(file, secrets.token_hex(16).encode())
    return file.read_text()


def write_secret(file: Path, content: bytes) -> None:
    """Write a file that nobody else may read, not even for a moment."""
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as target:
        target.write(content)
