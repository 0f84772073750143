"""Ranges of bytes as HTTP writes them (RFC 9110, section 14)."""

import re
from dataclasses import dataclass
from typing import Self

from .errors import InvalidContentRangeError, RangeNotSatisfiableError

_RANGE = re.compile(r"bytes=\s*(\d{0,19})-(\d{0,19})\s*", re.ASCII | re.IGNORECASE)
_CONTENT_RANGE = re.compile(r"bytes (\d{1,19})-(\d{1,19})/(\d{1,19})", re.ASCII)


@dataclass(frozen=True, slots=True)
class ByteRange:
    """Bytes `first` to `last`, both included, of a whole of `total` bytes."""

    first: int
    last: int
    total: int

    @property
    def length(self) -> int:
        return self.last - self.first + 1

    def __str__(self) -> str:
        return f"bytes {self.first}-{self.last}/{self.total}"

    @classmethod
    def asked(cls, header: str | None, total: int) -> Self | None:
        """Return the range that a Range header asks for, or None where the whole is to be sent.

        A header of another unit or form, and one with several ranges, is ignored, as section 14.2 allows.
        Raises RangeNotSatisfiableError.
        """
        match = _RANGE.fullmatch(header or "")
        if match is None or match.groups() == ("", ""):
            return None
        start, end = match.groups()
        if not start:
            first, last = max(total - int(end), 0), total - 1
        else:
            first, last = int(start), min(int(end), total - 1) if end else total - 1
            if end and int(end) < first:
                return None
        if first > last:
            raise RangeNotSatisfiableError(f"the content has {total} bytes", size_bytes=total)
        return cls(first, last, total)

    @classmethod
    def sent(cls, header: str) -> Self:
        """Return the range that the Content-Range header of a chunk names.

        Raises InvalidContentRangeError.
        """
        match = _CONTENT_RANGE.fullmatch(header)
        if match is None:
            raise InvalidContentRangeError("the header is not of the form `bytes first-last/total`")
        first, last, total = map(int, match.groups())
        if not first <= last < total:
            raise InvalidContentRangeError(f"first <= last < total does not hold for {first}, {last}, {total}")
        return cls(first, last, total)
