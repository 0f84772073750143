"""Page images, made in child processes."""

from collections.abc import AsyncIterable
from pathlib import Path

from aktenfluss.servicekit import (
    Sandbox,
    SandboxBrokenError,
    SandboxKilledError,
    SandboxRefusedError,
    ServiceUnavailableError,
    TemporaryCopies,
)

from ..domain.errors import PageNotRenderableError

_RENDER = f"{__package__}.pdf_pages:render_page"
MODULE = _RENDER.partition(":")[0]
COPIES = 8


class SandboxPageRenderer:
    """Implements `PageRenderer`: copies the content to a file that the child opens, at most `COPIES` at a time."""

    def __init__(self, sandbox: Sandbox, folder: Path | None = None) -> None:
        """Copy into `folder`, by default that of the machine for temporary files."""
        self._sandbox = sandbox
        self._copies = TemporaryCopies(COPIES, folder)

    async def render(self, content: AsyncIterable[bytes], page: int) -> bytes:
        async with self._copies.lend(content, ".pdf") as path:
            return await self._image(path, page)

    async def _image(self, path: Path, page: int) -> bytes:
        try:
            image: bytes = await self._sandbox.call(_RENDER, str(path), page)
        except SandboxRefusedError as refusal:
            raise PageNotRenderableError(refusal.detail, rule=refusal.rule) from refusal
        except SandboxKilledError as killed:
            detail = f"rendering page {page} exceeded its limits ({killed.reason})"
            raise PageNotRenderableError(detail, rule=f"limit-{killed.reason}") from killed
        except SandboxBrokenError as exc:
            raise ServiceUnavailableError("no child process for the rendering of pages starts") from exc
        return image
