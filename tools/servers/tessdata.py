"""The model with which text is recognised, out of a package of Debian."""

from pathlib import Path

from . import debian
from .cache import cached

PACKAGE = "tesseract-ocr-script-latn"
"""Apache-2.0. The model of German alone knows neither § nor most letters of the names in these files."""


def latin_model() -> Path:
    """Return the model of all Latin scripts. Raises ServerError where it cannot be fetched."""
    folder = cached(PACKAGE, lambda folder: debian.fetch(folder, PACKAGE))
    [model] = folder.glob("usr/share/tesseract-ocr/*/tessdata/**/Latin.traineddata")
    return model
