"""Opens PDFs and weighs their pages; runs in child processes, because a PDF can hold anything."""

import pypdfium2
import pypdfium2.raw

POINTS_PER_INCH = 72
_MOST_PAGE_PIXELS = 40_000_000
"""An A0 sheet at 150 dpi has 35 million, as an A2 sheet at 300 dpi has."""
_MOST_IMAGE_PIXELS = 100_000_000
"""A 4.7 MB JPEG of 400 million pixels takes 397 MB to decode; an A2 sheet at 300 dpi has 70 million."""


class PageRefusedError(Exception):
    """This page is not taken; `rule` names why."""

    def __init__(self, rule: str, detail: str) -> None:
        super().__init__(rule, detail)
        self.rule = rule
        self.detail = detail


def opened(path: str) -> pypdfium2.PdfDocument:
    """Return the PDF at `path`, or raise PageRefusedError."""
    try:
        return pypdfium2.PdfDocument(path)
    except pypdfium2.PdfiumError as error:
        if error.err_code == pypdfium2.raw.FPDF_ERR_PASSWORD:
            raise PageRefusedError("encrypted", "the PDF asks for a password") from error
        raise PageRefusedError("unreadable", "the file is not a PDF that can be read") from error


def check_size(page: pypdfium2.PdfPage, dpi: int) -> None:
    """Raise PageRefusedError where the page, or a picture on it, has too many pixels."""
    width, height = (side * dpi / POINTS_PER_INCH for side in page.get_size())
    if not 1 <= width * height <= _MOST_PAGE_PIXELS:
        raise PageRefusedError("too-many-pixels", f"the page has {width:.0f} x {height:.0f} pixels at {dpi} dpi")
    for picture in page.get_objects(filter=[pypdfium2.raw.FPDF_PAGEOBJ_IMAGE]):
        across, down = picture.get_px_size()
        if across * down > _MOST_IMAGE_PIXELS:
            raise PageRefusedError("too-many-pixels", f"a picture on the page has {across} x {down} pixels")
