"""The text of tag files and of the index, cut into lines as RFC 8493 means them."""

from collections.abc import Iterator

from .finding import Finding
from .rules import Rule

BYTE_ORDER_MARK = "\ufeff"


MAX_LINES = 50_000
"""Enough for 20,000 files, their rows and their totals; what is longer would only cost memory."""


def numbered_lines(text: str) -> Iterator[tuple[int, str]]:
    """Yield each line with its number, from 1, and none after MAX_LINES.

    Lines end in LF or CRLF. Not `str.splitlines`, which cuts at characters that a path or a remark may contain and
    that other readers do not take for the end of a line.
    """
    lines = text.split("\n", MAX_LINES)
    if len(lines) > MAX_LINES or lines[-1] == "":
        lines.pop()
    for number, line in enumerate(lines, 1):
        yield number, line.removesuffix("\r")


def text_findings(name: str, text: str) -> list[Finding]:
    """Return what is wrong with the text itself, whatever it says."""
    findings = []
    if text.startswith(BYTE_ORDER_MARK):
        findings.append(Rule.BYTE_ORDER_MARK.found(name, "it starts with U+FEFF"))
    if not is_encodable(text):
        findings.append(Rule.NOT_UTF8.found(name, "it has bytes that are not UTF-8, or half of a surrogate pair"))
    if text.count("\n") > MAX_LINES:
        findings.append(Rule.TOO_MANY_LINES.found(name, f"it has more than {MAX_LINES} lines"))
    return findings


def is_encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
