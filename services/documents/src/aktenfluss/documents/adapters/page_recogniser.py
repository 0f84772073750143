"""The text of pages, recognised in child processes."""

from collections.abc import AsyncGenerator, AsyncIterable, Sequence
from pathlib import Path

from aktenfluss.servicekit import (
    Sandbox,
    SandboxBrokenError,
    SandboxKilledError,
    SandboxRefusedError,
    ServiceUnavailableError,
    TemporaryCopies,
)

from ..domain.page_text import PageText, TextState

_RECOGNISE = f"{__package__}.pdf_text:recognise_page"
MODULE = _RECOGNISE.partition(":")[0]
DPIS = (300, 200)
"""A page that takes too much at the first is tried once more at the second."""
COPIES = 8


class SandboxTextRecogniser:
    """Implements `TextRecogniser`: the children open a copy of the content; a page that kills one fails alone."""

    def __init__(self, sandbox: Sandbox, model: Path, folder: Path | None = None) -> None:
        """Load `model`; copy into `folder`, by default that of the machine for temporary files."""
        self._sandbox = sandbox
        self._model = str(model)
        self._copies = TemporaryCopies(COPIES, folder)

    async def recognise(self, content: AsyncIterable[bytes], pages: Sequence[int]) -> AsyncGenerator[PageText]:
        async with self._copies.lend(content, ".pdf") as path:
            for page in pages:
                yield await self._text(path, page)

    async def _text(self, path: Path, page: int) -> PageText:
        reason = ""
        for dpi in DPIS:
            try:
                found = await self._sandbox.call(_RECOGNISE, str(path), page, dpi, self._model)
            except SandboxRefusedError as refusal:
                return PageText.failed(page, refusal.rule)
            except SandboxKilledError as killed:
                reason = f"limit-{killed.reason}"
            except SandboxBrokenError as exc:
                raise ServiceUnavailableError("no child process for the recognition of text starts") from exc
            else:
                return PageText(page, TextState.RECOGNISED, found["text"], found["confidence"], found["engine"])
        return PageText.failed(page, reason)
