"""Recognition with the real engine and the real model, on pages as a scanner makes them."""

import io
from pathlib import Path

import matplotlib as mpl
import pytest
from PIL import Image, ImageDraw, ImageFont
from tools.servers import latin_model

from aktenfluss.documents.adapters.page_recogniser import MODULE, SandboxTextRecogniser
from aktenfluss.documents.domain.page_text import TextState
from aktenfluss.documents.service import recogniser_of
from aktenfluss.documents.settings import DocumentsSettings
from aktenfluss.servicekit import Sandbox

pytestmark = pytest.mark.servers
FONT = Path(mpl.get_data_path()) / "fonts/ttf/DejaVuSans.ttf"
A4 = (2480, 3508)
LINES = (
    "Ausländerbehörde der Stadt Offenbach am Main",
    "Aufenthaltserlaubnis nach § 18b AufenthG",
    "Frau Ayşe Öztürk, geboren in Eskişehir",
    "Herr Željko Đorđević, geboren in Čačak",
)


def scanned(*pages):
    """Return a PDF of pictures at 300 dpi."""
    first, *others = [picture(lines) for lines in pages]
    target = io.BytesIO()
    first.save(target, "PDF", resolution=300, save_all=True, append_images=others)
    return target.getvalue()


def picture(lines):
    page = Image.new("L", A4, 255)
    draw, font = ImageDraw.Draw(page), ImageFont.truetype(str(FONT), 46)
    for number, line in enumerate(lines):
        draw.text((300, 400 + 120 * number), line, font=font, fill=0)
    return page


@pytest.fixture(scope="module")
def recogniser():
    return recogniser_of(DocumentsSettings(ocr_model=latin_model(), ocr_workers=1))


async def read(recogniser, content, *pages):
    async def sent():
        yield content

    return [text async for text in recogniser.recognise(sent(), pages)]


async def test_paragraph_signs_and_letters_of_many_names_are_read(recogniser):
    (text,) = await read(recogniser, scanned(LINES), 1)
    assert text.state is TextState.RECOGNISED
    assert tuple(line for line in text.text.splitlines() if line) == LINES
    assert text.confidence > 80
    assert text.engine.startswith("tesseract 5.")


async def test_pages_are_read_in_order_and_an_empty_one_has_no_text(recogniser):
    texts = await read(recogniser, scanned(LINES[:1], (), LINES[1:2]), 1, 2, 3)
    assert [text.page for text in texts] == [1, 2, 3]
    assert [text.text for text in texts] == [LINES[0], "", LINES[1]]


async def test_a_page_that_takes_too_long_fails():
    async with Sandbox(MODULE, workers=1, wall_seconds=0.01) as sandbox:
        (text,) = await read(SandboxTextRecogniser(sandbox, latin_model()), scanned(LINES), 1)
    assert (text.state, text.reason) == (TextState.FAILED, "limit-time")
