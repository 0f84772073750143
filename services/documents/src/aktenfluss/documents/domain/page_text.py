"""The text of a page: recognised, or visibly not; never silently empty."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from .document import Document

TEXT_JOB: Final = "recognise_text"
TEXT_QUEUE: Final = "text"
"""The queue that only processes with a model take from."""
UNIT_PAGES = 16
"""How many pages are recognised as one piece of work: several workers share a long document."""


class TextState(StrEnum):
    """How far the text of a page is."""

    WAITING = "waiting"
    RECOGNISED = "recognised"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class PageText:
    """What is known of the text of a page, from 1, of a content.

    `confidence` is the engine's own mean, 0 to 100; `engine` names program and model, so that pages can be found that an
    older one read; `reason` says why a page failed.
    """

    page: int
    state: TextState
    text: str = ""
    confidence: int = 0
    engine: str = ""
    reason: str = ""

    @classmethod
    def failed(cls, page: int, reason: str) -> "PageText":
        """Return that a page could not be read."""
        return cls(page, TextState.FAILED, reason=reason)


@dataclass(frozen=True, slots=True)
class TextUnit:
    """Pages `first` to `last` of a content, both included."""

    content: str
    first: int
    last: int

    @property
    def pages(self) -> range:
        return range(self.first, self.last + 1)


def units_of(document: Document) -> Iterator[TextUnit]:
    """Yield the pieces of work that a document is; what is not a PDF has no pages to read."""
    if document.media_type != "application/pdf":
        return
    for first in range(1, document.page_count + 1, UNIT_PAGES):
        yield TextUnit(document.content, first, min(first + UNIT_PAGES - 1, document.page_count))
