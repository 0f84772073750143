"""Lead sheets on paper."""

from collections.abc import AsyncIterator

import pikepdf
import pypdfium2
import pytest
import zxingcpp
from hypothesis import given
from hypothesis import strategies as st

from aktenfluss.delivery import LeadSheetCode, order_item_id
from aktenfluss.scans.adapters.lead_sheets import PdfLeadSheets, lead_sheet_page, printable
from aktenfluss.scans.domain.lead_sheet import LeadSheet

ITEM = order_item_id(4711)
SHEET = LeadSheet(ITEM, 17, "Karton 3, Süd", volume=2)


@pytest.fixture
def page():
    with pypdfium2.PdfDocument(lead_sheet_page(SHEET)) as pdf:
        yield pdf[0]


def test_both_codes_are_in_their_corners(page):
    image = page.render(scale=300 / 72).to_pil()
    found = zxingcpp.read_barcodes(image, formats=zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode))

    assert {code.text for code in found} == {LeadSheetCode(ITEM, 2).format()}
    assert [code.ec_level for code in found] == ["M", "M"]
    middles = sorted(
        (
            (code.position.top_left.x + code.position.bottom_right.x) / 2 < image.width / 2,
            (code.position.top_left.y + code.position.bottom_right.y) / 2 < image.height / 2,
        )
        for code in found
    )
    assert middles == [(False, False), (True, True)]


def test_a_module_has_ten_pixels_at_300_dpi(page):
    image = page.render(scale=300 / 72).to_pil()
    found = zxingcpp.read_barcodes(image, formats=zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode))

    width = found[0].position.top_right.x - found[0].position.top_left.x
    assert width == pytest.approx(25 * 10, abs=2)


def test_hand_scanners_read_the_item(page):
    image = page.render(scale=2).to_pil()
    found = zxingcpp.read_barcodes(image, formats=zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.Code128))

    assert [code.text for code in found] == [ITEM]


def test_people_read_item_volume_and_order(page):
    text = page.get_textpage().get_text_bounded()

    assert f"{ITEM[:4]} {ITEM[4:8]} {ITEM[8:]}" in text
    assert "Band 2" in text
    assert "Scanauftrag 17: Karton 3, Süd" in text


@pytest.mark.parametrize(
    ("name", "printed"),
    [("Grün", "Grün"), ("„5 €“", "„5 €“"), ("Łódź", "?ódz"), ("a\nb", "a?b"), ("x" * 99, "x" * 60), ("Şen", "Sen")],
)
def test_letters_that_the_font_lacks_lose_their_diacritics(name, printed):
    assert printable(name) == printed


@given(st.text(max_size=80))
def test_any_name_can_be_printed(name):
    with pypdfium2.PdfDocument(lead_sheet_page(LeadSheet(ITEM, 1, name))) as pdf:
        assert len(pdf) == 1


async def batches(sizes) -> AsyncIterator[list[LeadSheet]]:
    number = 0
    for size in sizes:
        yield [LeadSheet(order_item_id(number + offset), 1, "Karton") for offset in range(size)]
        number += size


@pytest.mark.parametrize("sizes", [[1], [3, 2]])
async def test_a_stream_of_pieces_is_a_sound_pdf(tmp_path, sizes):
    pieces = [piece async for piece in PdfLeadSheets().print(batches(sizes))]

    assert len(pieces) == len(sizes) + 2
    (tmp_path / "sheets.pdf").write_bytes(b"".join(pieces))
    with pikepdf.open(tmp_path / "sheets.pdf", attempt_recovery=False) as pdf:
        assert len(pdf.pages) == sum(sizes)
        assert pdf.check_pdf_syntax() == []
