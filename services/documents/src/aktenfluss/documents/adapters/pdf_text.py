"""Recognises the text of a page of a PDF; runs in a child process, because a PDF can hold anything."""

import functools
import hashlib
from pathlib import Path
from typing import Any

import tesserocr

from .pdf_document import POINTS_PER_INCH, opened_page


def recognise_page(path: str, number: int, dpi: int, model: str) -> dict[str, Any]:
    """Return the text of page `number`, from 1, the mean confidence (0 to 100) and what read it.

    Text that the page has already, because it was never paper or its scanner knew it, is taken as it is.
    Raises PageRefusedError.
    """
    with opened_page(path, number, dpi) as page:
        if own := page.get_textpage().get_text_bounded().strip():
            return {"text": _clean(own), "confidence": 100, "engine": "pdf"}
        # Colour costs time and brings no accuracy.
        image = page.render(scale=dpi / POINTS_PER_INCH, grayscale=True).to_pil()
    engine, name = _engine(model)
    engine.SetImage(image)
    engine.SetSourceResolution(dpi)
    text = engine.GetUTF8Text()
    confidence = engine.MeanTextConf()
    engine.Clear()
    return {"text": _clean(text), "confidence": confidence, "engine": name}


def _clean(text: str) -> str:
    """Return the text as PostgreSQL keeps it: lines end alike, no zero bytes, no halves of surrogates."""
    plain = text.replace("\r\n", "\n").replace("\x00", "")
    return plain.encode("utf-8", "replace").decode().strip()


@functools.cache
def _engine(model: str) -> tuple[tesserocr.PyTessBaseAPI, str]:
    """Return the engine with its model loaded, once for each child, and its name."""
    path = Path(model)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    version = tesserocr.tesseract_version().split()[1]
    engine = tesserocr.PyTessBaseAPI(path=str(path.parent), lang=path.stem, psm=tesserocr.PSM.AUTO)
    return engine, f"tesseract {version}, {path.stem} sha256:{digest}"
