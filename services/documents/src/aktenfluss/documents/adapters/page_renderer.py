"""Page images, made in child processes."""

import asyncio
import os
import tempfile
from collections.abc import AsyncIterable
from pathlib import Path

from aktenfluss.servicekit import Sandbox, SandboxKilledError, SandboxRefusedError

from ..domain.errors import PageNotRenderableError

_RENDER = f"{__package__}.pdf_pages:render_page"
MODULE = _RENDER.partition(":")[0]


class SandboxPageRenderer:
    """Implements `PageRenderer`: spools the content to a file that the child opens.

    The file is removed before the answer; a crash leaves it to the sweeper of the temporary folder.
    """

    def __init__(self, sandbox: Sandbox, folder: Path | None = None) -> None:
        """Spool into `folder`, by default that of the machine for temporary files."""
        self._sandbox = sandbox
        self._folder = folder

    async def render(self, content: AsyncIterable[bytes], page: int) -> bytes:
        descriptor, name = await asyncio.to_thread(tempfile.mkstemp, ".pdf", None, self._folder)
        try:
            with os.fdopen(descriptor, "wb") as file:
                async for chunk in content:
                    await asyncio.to_thread(file.write, chunk)
            image: bytes = await self._sandbox.call(_RENDER, name, page)
        except SandboxRefusedError as refusal:
            raise PageNotRenderableError(refusal.detail, rule=refusal.rule) from refusal
        except SandboxKilledError as killed:
            detail = f"rendering page {page} exceeded its limits ({killed.reason})"
            raise PageNotRenderableError(detail, rule=f"limit-{killed.reason}") from killed
        finally:
            await asyncio.to_thread(Path(name).unlink)
        return image
