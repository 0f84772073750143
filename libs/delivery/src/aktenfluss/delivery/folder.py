"""A delivery as a folder on disk: its texts, and what lies there."""

import os
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from pathlib import Path

from .delivery import Delivery, read_delivery
from .finding import Finding
from .manifest import TAG_FILES
from .paths import INDEX_PATH
from .rules import Rule

_OF_OPERATING_SYSTEMS = frozenset({"thumbs.db", "desktop.ini", "ehthumbs.db", "__macosx", "$recycle.bin"})


@dataclass(slots=True)
class Survey:
    """What lies in a folder: sizes in bytes of regular files by path, and what has no place there."""

    sizes: dict[str, int] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)


def survey(folder: Path) -> Survey:
    """Look at every entry without following a link; paths are relative, with slashes."""
    found = Survey()
    for path, entry in _entries(folder, ""):
        rule = _broken_rule(entry)
        if rule is not None:
            found.findings.append(rule.found(path, rule.meaning))
        elif entry.is_file(follow_symlinks=False):
            found.sizes[path] = entry.stat(follow_symlinks=False).st_size
    return found


def _entries(folder: Path, prefix: str) -> Iterator[tuple[str, os.DirEntry[str]]]:
    with os.scandir(folder) as entries:
        for entry in sorted(entries, key=lambda entry: entry.name):
            yield prefix + entry.name, entry
            if entry.is_dir(follow_symlinks=False) and _broken_rule(entry) is None:
                yield from _entries(Path(entry.path), f"{prefix}{entry.name}/")


def _broken_rule(entry: os.DirEntry[str]) -> Rule | None:
    if entry.is_symlink():
        return Rule.SYMLINK
    if entry.name.startswith((".", "~$")) or entry.name.lower() in _OF_OPERATING_SYSTEMS:
        return Rule.HIDDEN_FILE
    if not entry.is_file(follow_symlinks=False) and not entry.is_dir(follow_symlinks=False):
        return Rule.NOT_A_FILE
    return None


def read_texts(folder: Path, names: AbstractSet[str]) -> tuple[dict[str, str], str]:
    """Return the texts of the tag files, and that of the index; `names` are the paths that are there.

    A file beside data/ that is none of the four tag files comes with an empty text, so that it is found by its name.
    """
    beside = sorted(name for name in names if "/" not in name)
    texts = {name: _text(folder / name) if name in TAG_FILES else "" for name in beside}
    return texts, _text(folder / INDEX_PATH) if INDEX_PATH in names else ""


def open_delivery(folder: Path) -> Delivery:
    """Return the delivery in `folder` by its texts alone, without looking at the payload.

    Raises InvalidDeliveryError with everything that is wrong with them.
    """
    return read_delivery(*read_folder_texts(folder))


def read_folder_texts(folder: Path) -> tuple[dict[str, str], str]:
    """Return what `read_delivery` reads, without a walk through the payload."""
    names = {entry.name for entry in folder.iterdir() if entry.is_file()}
    return read_texts(folder, names | {INDEX_PATH} if (folder / INDEX_PATH).is_file() else names)


def _text(path: Path) -> str:
    """Return the text with its line ends; bytes that are not UTF-8 become lone surrogates, which no text may have."""
    return path.read_bytes().decode("utf-8", errors="surrogateescape")
