"""Renders a page of a PDF; runs in a child process, because a PDF can hold anything."""

import io

from PIL import Image

from .pdf_document import POINTS_PER_INCH, opened_page

_DPI = 150


def render_page(path: str, number: int) -> bytes:
    """Return page `number`, from 1, of the PDF at `path` as PNG at 150 dots per inch.

    Raises PageRefusedError.
    """
    with opened_page(path, number, _DPI) as page:
        image = page.render(scale=_DPI / POINTS_PER_INCH).to_pil()
    target = io.BytesIO()
    without_needless_colour(image).save(target, "PNG", compress_level=3, dpi=(_DPI, _DPI))
    return target.getvalue()


def without_needless_colour(image: Image.Image) -> Image.Image:
    """Return a page that has no colour in shades of grey: a third of the bytes, half of the time."""
    red, green, blue = image.convert("RGB").split()
    return red if red.tobytes() == green.tobytes() == blue.tobytes() else image
