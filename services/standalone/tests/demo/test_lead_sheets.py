"""Lead sheets: printed, scanned and read, also more than once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest

from aktenfluss.delivery import order_item_id
from aktenfluss.standalone.demo.documents import write_document
from aktenfluss.standalone.demo.lead_sheets import draw_foreign_lead_sheet, scan_lead_sheet, scan_lead_sheets
from aktenfluss.standalone.demo.sheet import HEIGHT, WIDTH

ITEMS = [order_item_id(number) for number in (1, 4_711, 99_999_999)]


@pytest.fixture
def printed(tmp_path):
    path = tmp_path / "lead-sheets.pdf"
    write_document(path, "Leitblätter", date(2026, 1, 2), map(draw_foreign_lead_sheet, ITEMS))
    return path


async def test_all_sheets_are_read_in_the_order_of_the_print(printed):
    with ThreadPoolExecutor(1) as pool:
        assert list(await scan_lead_sheets(printed, pool)) == ITEMS


def test_a_scan_of_a_lead_sheet_is_a_page_like_any_other(printed):
    _, scan = scan_lead_sheet(printed, 1)
    assert (scan.width, scan.height) == (WIDTH, HEIGHT)
    assert len(scan.data) > 2_000


def test_the_code_survives_being_printed_and_scanned_again(printed, tmp_path):
    _, scan = scan_lead_sheet(printed, 2)
    write_document(tmp_path / "copy.pdf", "Leitblatt", date(2026, 1, 2), [scan])
    assert scan_lead_sheet(tmp_path / "copy.pdf", 0)[0] == ITEMS[2]
