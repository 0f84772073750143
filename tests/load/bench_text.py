"""Measures how fast the text of pages is recognised: `make bench-text`."""

import asyncio
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pypdfium2
import tesserocr
from PIL import Image
from tools.servers import latin_model

from aktenfluss.documents.adapters.page_recogniser import DPIS
from aktenfluss.documents.domain.page_text import TextState
from aktenfluss.documents.service import recogniser_of
from aktenfluss.documents.settings import DocumentsSettings
from aktenfluss.kernel import SystemClock
from aktenfluss.standalone.demo.plan import make_plan
from aktenfluss.standalone.demo.scanning import ScanJob, scan_document
from aktenfluss.standalone.demo.scans import encode

from .figures import Figure, measure_parts

PAGES = 24


def measure(folder: Path) -> list[Figure]:
    """Read the same pages with a child of the product and with the bare engine, one after the other."""
    path = longest_scan(folder)
    own, bare = asyncio.run(by_the_product(path.read_bytes())), by_the_engine(path)
    told = f"{own:.2f} ÷ {bare:.2f} pages/s"
    return [
        Figure("text of scanned pages, one core", own, "pages/s", f"bare engine {bare:.2f}/s", ">= 0.3", ">= 0.4"),
        Figure("the same, against the bare engine", own / bare, "times bare", told, ">= 0.8", ">= 0.95"),
    ]


def longest_scan(folder: Path) -> Path:
    """Scan the longest document of the demo that has no lead sheet."""
    documents = [(one, file) for file in make_plan().files for one in file.documents if one.number > 1]
    document, file = max(documents, key=lambda pair: pair[0].pages)
    nothing = encode(Image.new("1", (8, 8), 1))
    assert scan_document(ScanJob(file, "item", nothing, folder, SystemClock().now()), document) >= PAGES
    [path] = folder.rglob("*.pdf")
    return path


async def by_the_product(content: bytes) -> float:
    recogniser = recogniser_of(DocumentsSettings(ocr_model=latin_model(), ocr_workers=1))
    assert recogniser is not None
    begin = time.perf_counter()
    texts = [text async for text in recogniser.recognise(sent(content), range(1, PAGES + 1))]
    assert {text.state for text in texts} == {TextState.RECOGNISED}
    return PAGES / (time.perf_counter() - begin)


async def sent(content: bytes) -> AsyncIterator[bytes]:
    yield content


def by_the_engine(path: Path) -> float:
    """Read the pages in this process; to load the model counts, as it does for the product."""
    begin = time.perf_counter()
    model, document = latin_model(), pypdfium2.PdfDocument(path)
    with tesserocr.PyTessBaseAPI(path=str(model.parent), lang=model.stem, psm=tesserocr.PSM.AUTO) as engine:
        for number in range(PAGES):
            engine.SetImage(document[number].render(scale=DPIS[0] / 72, grayscale=True).to_pil())
            engine.GetUTF8Text()
    return PAGES / (time.perf_counter() - begin)


if __name__ == "__main__":
    sys.exit(measure_parts({"text": measure}, sys.argv[1:], "bench-text"))
