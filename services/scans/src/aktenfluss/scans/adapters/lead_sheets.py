"""Lead sheets on paper: a QR code twice, a bar code for hand scanners, and German text for people.

Sizes follow what survives bad scans: 10 pixels per module at 300 dpi, error correction M, two opposite corners.
"""

import asyncio
import io
import unicodedata
from collections.abc import AsyncIterator, Sequence
from itertools import groupby
from typing import Any, Final

import zxingcpp
from reportlab.pdfgen.canvas import Canvas

from aktenfluss.delivery import LeadSheetCode

from ..domain.lead_sheet import LeadSheet
from .streamed_pdf import A4, StreamedPdf

MODULE: Final = 10 / 300 * 72
"""Points per module of the QR code."""
BAR: Final = 1.4, 48.0
"""Width and height in points of the narrowest bar."""
MARGIN: Final = 14 / 25.4 * 72
FONTS: Final = {"F1": "Helvetica", "F2": "Helvetica-Bold"}
REGULAR, BOLD = "Helvetica", "Helvetica-Bold"
INSTRUCTION: Final = (
    "Dieses Blatt ist das erste Blatt der Akte.",
    "Bitte mitscannen und nicht entnehmen, knicken oder beschriften.",
)


class PdfLeadSheets:
    """Implements `LeadSheetPrinter`."""

    async def print(self, batches: AsyncIterator[Sequence[LeadSheet]]) -> AsyncIterator[bytes]:
        """Yield a PDF with one page per sheet; each batch is drawn in a thread."""
        pdf = StreamedPdf(FONTS)
        yield pdf.start()
        async for batch in batches:
            yield await asyncio.to_thread(_pages, pdf, batch)
        yield pdf.finish()


def lead_sheet_page(sheet: LeadSheet) -> bytes:
    """Return a PDF with the one page of `sheet`."""
    pdf = StreamedPdf(FONTS)
    return pdf.start() + _pages(pdf, [sheet]) + pdf.finish()


def _pages(pdf: StreamedPdf, sheets: Sequence[LeadSheet]) -> bytes:
    return b"".join(pdf.page(draw(sheet)) for sheet in sheets)


def draw(sheet: LeadSheet) -> str:
    """Return the drawing instructions of one sheet."""
    canvas = Canvas(io.BytesIO(), pagesize=A4, pageCompression=0, initialFontName=REGULAR)
    code = LeadSheetCode(sheet.item_id, sheet.volume).format()
    width, height = A4
    modules = _modules(zxingcpp.create_barcode(code, zxingcpp.BarcodeFormat.QRCode, ec_level="M"))
    edge = len(modules) * MODULE
    _draw_modules(canvas, modules, MARGIN, height - MARGIN)
    _draw_modules(canvas, modules, width - MARGIN - edge, MARGIN + edge)
    _draw_text(canvas, sheet)
    bars = _modules(zxingcpp.create_barcode(sheet.item_id, zxingcpp.BarcodeFormat.Code128))[:1]
    _draw_modules(canvas, bars, (width - len(bars[0]) * BAR[0]) / 2, 348, BAR)
    instructions: str = canvas.getCurrentPageContent()
    return instructions


def _modules(symbol: zxingcpp.Barcode) -> list[list[bool]]:
    """Return which modules are dark, row by row; those of a bar code are all alike."""
    rows: Any = memoryview(symbol.to_image(scale=1, add_quiet_zones=False)).tolist()
    return [[pixel == 0 for pixel in row] for row in rows]


def _draw_modules(
    canvas: Canvas, modules: list[list[bool]], left: float, top: float, size: tuple[float, float] = (MODULE, MODULE)
) -> None:
    """Draw runs instead of modules: fewer instructions, and no hair lines between them."""
    width, height = size
    for row, line in enumerate(modules):
        column = 0
        for dark, run in groupby(line):
            length = len(list(run))
            if dark:
                canvas.rect(left + column * width, top - (row + 1) * height, length * width, height, stroke=0, fill=1)
            column += length


def _draw_text(canvas: Canvas, sheet: LeadSheet) -> None:
    center = A4[0] / 2
    lines = [
        (BOLD, 26, 590, "Leitblatt"),
        (BOLD, 50, 480, f"{sheet.item_id[:4]} {sheet.item_id[4:8]} {sheet.item_id[8:]}"),
        (REGULAR, 20, 430, f"Band {sheet.volume}"),
        (REGULAR, 14, 385, f"Scanauftrag {sheet.order_number}: {printable(sheet.order_name)}"),
        (REGULAR, 12, 250, INSTRUCTION[0]),
        (REGULAR, 12, 232, INSTRUCTION[1]),
    ]
    # In the order of FONTS: the drawing names them F1, F2 as it meets them.
    for font, size, height, text in lines:
        canvas.setFont(font, size)
        canvas.drawCentredString(center, height, text)


def printable(text: str) -> str:
    """Return `text` in the letters that the sheet's font has; others lose their diacritics."""
    return "".join(letter if _has(letter) else _plain(letter) for letter in text)[:60]


def _plain(letter: str) -> str:
    base = unicodedata.normalize("NFKD", letter)[0]
    return base if _has(base) else "?"


def _has(letter: str) -> bool:
    try:
        letter.encode("cp1252")
    except UnicodeEncodeError:
        return False
    return letter.isprintable()
