"""Measures PDFs in child processes: whatever a file does, it does it to a child."""

from typing import Final

from aktenfluss.kernel import Digest, Principal
from aktenfluss.servicekit import (
    KillReason,
    ObjectNotFoundError,
    Sandbox,
    SandboxBrokenError,
    SandboxKilledError,
    SandboxRefusedError,
    ServiceUnavailableError,
)

from ..domain.inspection import PdfFacts
from ..domain.rules import Rule
from .content_files import ContentFiles

MODULE: Final = f"{__package__}.pdf_inspection"
INSPECT: Final = f"{MODULE}:inspect"

LIMITS: Final = {
    KillReason.MEMORY: (Rule.PDF_BOMB, "reading the PDF took more memory than a scan does"),
    KillReason.CPU: (Rule.PDF_BOMB, "reading the PDF took more computing time than a scan does"),
    KillReason.TIME: (Rule.PDF_BOMB, "reading the PDF took more time than a scan does"),
    # Libraries abort as well where they get no memory: from outside the two cannot be told apart.
    KillReason.CRASH: (Rule.PDF_UNREADABLE, "the reader crashed on the PDF, or ran out of memory"),
}


class SandboxInspector:
    """Implements `Inspector`."""

    def __init__(self, sandbox: Sandbox, files: ContentFiles) -> None:
        self._sandbox = sandbox
        self._files = files

    async def inspect(self, principal: Principal, content: Digest, *, with_codes: bool) -> PdfFacts:
        """Return the facts; raises ServiceUnavailableError where no child starts."""
        try:
            async with self._files.open(principal.tenant_id, content) as path:
                answer = await self._sandbox.call(INSPECT, str(path), with_codes)
        except ObjectNotFoundError:
            return PdfFacts(refusal=(Rule.CONTENT_DAMAGED, "the stored file is gone"))
        except SandboxRefusedError as refusal:
            return PdfFacts(refusal=(Rule.named(refusal.rule), refusal.detail))
        except SandboxKilledError as killed:
            return PdfFacts(refusal=LIMITS[killed.reason])
        except SandboxBrokenError as exc:
            raise ServiceUnavailableError("no child process for the inspection of PDFs starts") from exc
        return PdfFacts(answer["content"], answer["page_count"], tuple(answer["codes"]))
