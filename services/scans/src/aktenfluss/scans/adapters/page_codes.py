"""The codes printed on the first page of a scan: runs in a child process only."""

from pathlib import Path
from typing import Final

import pypdfium2
import zxingcpp

from .pdf_structure import PdfRefusedError

HALF_DPI: Final = 150
FULL_DPI: Final = 300
LEAD_SHEET: Final = "EA1.FILE."
"""How the code of a lead sheet begins; not taken from `delivery`, which would cost each child its HTTP client."""


def read_codes(path: Path) -> list[str]:
    """Return the texts of the QR codes on the first page.

    Half of the scan's resolution finds nearly every code at a fraction of the price; the full one finds the rest, and is
    looked at unless there is the code of a lead sheet: stamps and stickers have codes too.
    """
    try:
        with pypdfium2.PdfDocument(path) as document:
            page = document[0]
            codes = _read(page, HALF_DPI, thorough=False)
            if any(code.startswith(LEAD_SHEET) for code in codes):
                return codes
            return _read(page, FULL_DPI, thorough=True)
    except pypdfium2.PdfiumError as exc:
        raise PdfRefusedError("pdf-unreadable", "the first page of the PDF cannot be rendered") from exc


def _read(page: pypdfium2.PdfPage, dpi: int, *, thorough: bool) -> list[str]:
    # In colour although grey would do: pdfium takes twice the time for grey (measured on 300 dpi JPEG).
    bitmap = page.render(scale=dpi / 72, may_draw_forms=False, draw_annots=False, no_smoothimage=not thorough)
    found = zxingcpp.read_barcodes(
        bitmap.to_pil().convert("L"),
        formats=zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode),
        try_rotate=thorough,
        try_downscale=thorough,
        try_invert=False,
    )
    return sorted({code.text for code in found})
