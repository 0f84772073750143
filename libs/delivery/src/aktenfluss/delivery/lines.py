"""The text of tag files and of the index, cut into lines as RFC 8493 means them."""

from collections.abc import Iterator

from .finding import Finding
from .rules import Rule

BYTE_ORDER_MARK = "\ufeff"


def numbered_lines(text: str) -> Iterator[tuple[int, str]]:
    """Yield each line with its number, from 1.

    Lines end in LF or CRLF. Not `str.splitlines`, which cuts at characters that a path or a remark may contain and
    that other readers do not take for the end of a line.
    """
    lines = text.split("\n")
    if lines[-1] == "":
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
    return findings


def is_encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
