"""What the sandbox's children say of good and of evil PDFs."""

import random

import pikepdf
import pytest
import zxingcpp
from PIL import Image, ImageChops

from aktenfluss.delivery import LeadSheetCode, order_item_id
from aktenfluss.kernel import digest_of
from aktenfluss.scans.adapters.page_codes import LEAD_SHEET
from aktenfluss.scans.adapters.pdf_inspection import inspect
from aktenfluss.scans.adapters.pdf_structure import PdfRefusedError

from .. import papers

ITEM = order_item_id(4711)
CODE = LeadSheetCode(ITEM, 1).format()

EVIL = {
    "pdf-encrypted": [papers.encrypted("secret"), papers.encrypted("")],
    "pdf-unreadable": [
        b"",
        b"no PDF at all",
        papers.plain_pdf()[:-200],
        papers.plain_pdf(3)[:1_500],
        papers.plain_pdf().replace(b"/Kids", b"/Kinds"),
        papers.spoilt_stream(),
        papers.without_size(),
        papers.saved(pikepdf.new()),
    ],
    "pdf-active-content": [
        papers.javascript(),
        papers.launch(),
        papers.attachment(),
        papers.form(),
        papers.film(),
        papers.with_root(AcroForm=pikepdf.Dictionary(XFA="<xdp/>")),
    ],
    "pdf-bomb": [
        papers.page_bomb(),
        papers.page_loop(),
        papers.huge_page(),
        papers.image_bomb(),
        papers.image_pile(),
        papers.stream_bomb(),
        papers.stream_bomb(times=2),
        papers.stream_bomb(times=3),
        papers.form_bomb(),
        papers.form_loop(),
        papers.page_without_area(),
    ],
}


def test_the_code_of_a_lead_sheet_is_known_by_its_beginning():
    assert CODE.startswith(LEAD_SHEET)


@pytest.fixture
def measure(tmp_path):
    def measure(content: bytes, with_codes: bool = False):
        path = tmp_path / "scan.pdf"
        path.write_bytes(content)
        return inspect(str(path), with_codes)

    return measure


def test_a_scan_is_measured(measure):
    content = papers.scan_pdf(papers.lead_image(ITEM), papers.paper_image())

    assert measure(content, with_codes=True) == {"content": digest_of(content), "page_count": 2, "codes": [CODE]}


@pytest.mark.parametrize(
    ("rule", "content"),
    [pytest.param(rule, content, id=f"{rule}-{number}") for rule in EVIL for number, content in enumerate(EVIL[rule])],
)
def test_an_evil_pdf_is_refused_by_its_rule(measure, rule, content):
    with pytest.raises(PdfRefusedError) as refused:
        measure(content, with_codes=True)

    assert refused.value.rule == rule


def test_a_picture_called_pdf_is_refused(measure, tmp_path):
    papers.paper_image().save(tmp_path / "picture.jpg")

    with pytest.raises(PdfRefusedError, match="is not a PDF"):
        measure((tmp_path / "picture.jpg").read_bytes())


def test_a_file_that_is_gone_is_damage(tmp_path):
    with pytest.raises(PdfRefusedError) as refused:
        inspect(str(tmp_path / "nothing.pdf"), with_codes=False)

    assert refused.value.rule == "content-damaged"


def test_harmless_things_pass(measure):
    pdf = papers.blank()
    pdf.pages[0].Annots = pikepdf.Array([pikepdf.Dictionary(Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Link)])
    pdf.Root.OpenAction = pikepdf.Array([pdf.pages[0].obj, pikepdf.Name.Fit])
    pdf.Root.Metadata = pdf.make_stream(b"<x/>", Type=pikepdf.Name.Metadata)
    content = papers.saved(pdf, object_stream_mode=pikepdf.ObjectStreamMode.generate)

    assert measure(content)["page_count"] == 1


def test_forms_of_a_few_levels_pass(measure):
    assert measure(papers.form_bomb(depth=4, each=1), with_codes=True)["page_count"] == 1


def test_a_text_packed_in_another_way_passes(measure):
    pdf = papers.blank()
    filters = pikepdf.Array([pikepdf.Name.ASCIIHexDecode])
    pdf.pages[0].Contents = pdf.make_stream(b"2020>", Filter=filters)
    content = papers.saved(pdf, stream_decode_level=pikepdf.StreamDecodeLevel.none)

    assert measure(content)["page_count"] == 1


def noisy(image: Image.Image, share: int = 6) -> Image.Image:
    """Blacken so many of 256 points."""
    speckles = Image.frombytes("L", image.size, random.Random(7).randbytes(image.width * image.height))
    return ImageChops.darker(image, speckles.point(lambda value: 0 if value < share else 255))


@pytest.mark.parametrize(
    "worsen",
    [
        lambda image: image.rotate(3, fillcolor=255),
        lambda image: image.rotate(-8, fillcolor=255),
        lambda image: image.rotate(90, expand=True),
        lambda image: image.rotate(180),
        noisy,
        lambda image: noisy(image.rotate(4, fillcolor=235)),
        lambda image: image.resize((1_654, 2_339)),
        lambda image: image.point(lambda value: 90 + value // 3),
    ],
    ids=["skewed", "crooked", "quarter-turned", "upside-down", "noisy", "skewed-and-noisy", "200-dpi", "faint"],
)
def test_a_bad_scan_of_a_lead_sheet_is_read(measure, worsen):
    content = papers.scan_pdf(worsen(papers.lead_image(ITEM)))

    assert measure(content, with_codes=True)["codes"] == [CODE]


def test_one_of_the_two_codes_is_enough(measure):
    image = papers.lead_image(ITEM).copy()
    image.paste(0, (0, 0, 700, 700))

    assert measure(papers.scan_pdf(image), with_codes=True)["codes"] == [CODE]


def test_a_sticker_with_a_code_does_not_hide_a_lead_sheet_that_is_hard_to_read(measure):
    image = noisy(papers.lead_image(ITEM), share=30)
    symbol = zxingcpp.create_barcode("https://example.org/", zxingcpp.BarcodeFormat.QRCode)
    sticker = memoryview(symbol.to_image(scale=10))
    image.paste(Image.frombytes("L", sticker.shape[::-1], sticker.tobytes()), (1_000, 100))

    assert measure(papers.scan_pdf(image), with_codes=True)["codes"] == [CODE, "https://example.org/"]


def test_a_letter_has_no_code(measure):
    assert measure(papers.plain_pdf(), with_codes=True)["codes"] == []
