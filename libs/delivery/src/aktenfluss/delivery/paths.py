"""Which paths a payload file may have."""

import re

from .rules import Rule

PAYLOAD = "data/"
INDEX_PATH = "data/index.csv"
MAX_DEPTH = 4

# The usual case in one match; what it refuses is then looked at rule by rule.
_LEGAL_NAME = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9._-]{0,198}[A-Za-z0-9_-])?", re.ASCII)
_DRIVE = re.compile(r"[A-Za-z]:")
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\..*)?", re.IGNORECASE)


def broken_path_rule(path: str) -> Rule | None:
    """Return the first rule that the payload path breaks, if any."""
    if _escapes(path):
        return Rule.PATH_ESCAPE
    names = path.removeprefix(PAYLOAD).split("/")
    if not all(map(_is_legal_name, names)):
        return Rule.NAME_FORBIDDEN
    if len(names) > MAX_DEPTH:
        return Rule.PATH_TOO_DEEP
    return None


def _escapes(path: str) -> bool:
    return not path.startswith(PAYLOAD) or "\\" in path or ".." in path.split("/") or bool(_DRIVE.search(path))


def _is_legal_name(name: str) -> bool:
    return _LEGAL_NAME.fullmatch(name) is not None and _RESERVED.fullmatch(name) is None
