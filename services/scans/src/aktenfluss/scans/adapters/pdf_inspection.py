"""The function that the sandbox's children run: a path in, what the PDF is out."""

import hashlib
from pathlib import Path

from .page_codes import read_codes
from .pdf_structure import PdfRefusedError, read_structure


def inspect(path: str, with_codes: bool) -> dict[str, object]:
    """Return digest, page count and, where asked for, the codes of the first page; refusals are PdfRefusedError."""
    file = Path(path)
    digest = _digest(file)
    page_count = read_structure(file)
    codes = read_codes(file) if with_codes else []
    return {"content": digest, "page_count": page_count, "codes": codes}


def _digest(file: Path) -> str:
    try:
        with file.open("rb") as content:
            return f"sha256:{hashlib.file_digest(content, 'sha256').hexdigest()}"
    except FileNotFoundError as exc:
        raise PdfRefusedError("content-damaged", "the stored file is gone") from exc
