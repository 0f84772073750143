"""The two typefaces of the demo's paper, and words broken into lines by them."""

from collections.abc import Iterator
from functools import cache
from importlib.resources import as_file, files
from typing import Literal

from PIL import ImageFont

type Face = Literal["text", "bold", "typed"]

DOTS_PER_MM = 300 / 25.4

_FILES: dict[Face, tuple[str, str]] = {
    "text": ("fontpkg_arimo", "Arimo[wght].ttf"),
    "bold": ("fontpkg_arimo", "Arimo[wght].ttf"),
    "typed": ("fontpkg_ibm_plex_mono", "IBMPlexMono-Regular.ttf"),
}


def dots(millimetres: float) -> int:
    return round(millimetres * DOTS_PER_MM)


@cache
def font(face: Face, points: float) -> ImageFont.FreeTypeFont:
    """Return the font at 300 dpi; both families draw every letter of the names that the demo makes up."""
    package, name = _FILES[face]
    with as_file(files(package) / "files" / name) as path:
        found = ImageFont.truetype(path, round(points * 300 / 72), layout_engine=ImageFont.Layout.BASIC)
    if face == "bold":
        found.set_variation_by_axes([700])
    return found


def line_height(points: float) -> int:
    return round(points * 300 / 72 * 1.28)


def break_lines(text: str, face: Face, points: float, width: int) -> Iterator[str]:
    """Break at spaces so that no line is wider than `width` dots, as long as no single word is."""
    measure = font(face, points).getlength
    line, used, space = "", 0.0, measure(" ")
    for word in text.split():
        length = measure(word)
        if line and used + space + length > width:
            yield line
            line, used = word, length
        else:
            line, used = f"{line} {word}".lstrip(), used + space + length
    yield line
