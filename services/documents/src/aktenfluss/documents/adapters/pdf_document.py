"""Opens the pages of PDFs, none that is too large; runs in child processes, because a PDF can hold anything."""

from collections.abc import Iterator
from contextlib import contextmanager

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


@contextmanager
def opened_page(path: str, number: int, dpi: int) -> Iterator[pypdfium2.PdfPage]:
    """Open page `number`, from 1, of the PDF at `path`, to be rendered at `dpi`; whatever is wrong is a PageRefusedError."""
    document = _opened(path)
    try:
        if number > len(document):
            raise PageRefusedError("page-missing", f"the PDF has {len(document)} pages")
        page = document[number - 1]
        _check_size(page, dpi)
        yield page
    except pypdfium2.PdfiumError as error:
        raise PageRefusedError("unreadable", "the page cannot be read") from error
    finally:
        document.close()


def _opened(path: str) -> pypdfium2.PdfDocument:
    try:
        return pypdfium2.PdfDocument(path)
    except pypdfium2.PdfiumError as error:
        if error.err_code == pypdfium2.raw.FPDF_ERR_PASSWORD:
            raise PageRefusedError("encrypted", "the PDF asks for a password") from error
        raise PageRefusedError("unreadable", "the file is not a PDF that can be read") from error


def _check_size(page: pypdfium2.PdfPage, dpi: int) -> None:
    width, height = (side * dpi / POINTS_PER_INCH for side in page.get_size())
    if not 1 <= width * height <= _MOST_PAGE_PIXELS:
        raise PageRefusedError("too-many-pixels", f"the page has {width:.0f} x {height:.0f} pixels at {dpi} dpi")
    for picture in page.get_objects(filter=[pypdfium2.raw.FPDF_PAGEOBJ_IMAGE]):
        across, down = picture.get_px_size()
        if across * down > _MOST_IMAGE_PIXELS:
            raise PageRefusedError("too-many-pixels", f"a picture on the page has {across} x {down} pixels")
