"""A scanner for two-tone pages: paper goes in a little askew, dust comes out with it, fax group 4 keeps it small."""

from dataclasses import dataclass
from io import BytesIO
from random import Random

from PIL import Image
from PIL.TiffImagePlugin import TiffImageFile

_SPECKS = 300
_STRIP_OFFSETS = 273
_ROWS_PER_STRIP = 278
_STRIP_LENGTHS = 279


@dataclass(frozen=True, slots=True)
class Scan:
    """One scanned side: its size in dots and its data in fax group 4, with `BlackIs1` as PDF calls it."""

    width: int
    height: int
    data: bytes


def scan(page: Image.Image, throw: Random) -> Scan:
    """Scan a side of A4 at 300 dpi, up to half a degree askew."""
    askew = page.rotate(throw.uniform(-0.5, 0.5), fillcolor=1)
    for _ in range(_SPECKS):
        left, top = throw.randrange(page.width), throw.randrange(page.height)
        askew.paste(0, (left, top, left + throw.randint(1, 3), top + throw.randint(1, 3)))
    return encode(askew)


def encode(page: Image.Image) -> Scan:
    """Return the page as one strip of fax group 4, as PDF wants it."""
    tiff = BytesIO()
    page.save(tiff, "TIFF", compression="group4", tiffinfo={_ROWS_PER_STRIP: page.height})
    tiff.seek(0)
    with TiffImageFile(tiff) as written:
        (start,), (length,) = written.tag_v2[_STRIP_OFFSETS], written.tag_v2[_STRIP_LENGTHS]
    return Scan(page.width, page.height, tiff.getvalue()[start : start + length])
