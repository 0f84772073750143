"""Where images are kept, outside of the tree, and what goes wrong with them."""

import os
import shutil
from pathlib import Path

from tools.servers.cache import ROOT

__all__ = ["ROOT", "ImagesError", "UnavailableError", "folder", "uv"]


class ImagesError(RuntimeError):
    """An image that cannot be built; the message says why."""


class UnavailableError(ImagesError):
    """There is no Docker engine, and none can be had."""


def uv() -> str:
    """Return the uv that scripts/setup found or brought."""
    return shutil.which("uv") or str(ROOT / ".uv" / "bin" / "uv")


def folder() -> Path:
    """Return the folder of engine and images: AKTENFLUSS_IMAGES_CACHE, else one of the user's."""
    given = os.environ.get("AKTENFLUSS_IMAGES_CACHE")
    found = Path(given).resolve() if given else Path.home() / ".cache" / "aktenfluss" / "images"
    found.mkdir(parents=True, exist_ok=True)
    return found
