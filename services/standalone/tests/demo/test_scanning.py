"""The contractor's work on a case file: what lies in the box is what its rows of the index say."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pikepdf
import pytest

from aktenfluss.delivery import IndexRow, order_item_id
from aktenfluss.standalone.demo.chance import dice
from aktenfluss.standalone.demo.lead_sheets import draw_foreign_lead_sheet, scan_lead_sheet
from aktenfluss.standalone.demo.plan import make_plan
from aktenfluss.standalone.demo.scanning import ScanJob, _leaves, scan_files

ITEM = order_item_id(4711)
NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)
FILE = min((file for file in make_plan(12, 3).files if len(file.documents) > 2), key=lambda file: file.pages)


@pytest.fixture(scope="module")
def payload(tmp_path_factory):
    return tmp_path_factory.mktemp("box") / "data"


@pytest.fixture(scope="module")
def pages() -> list[int]:
    """Collect what the board is told."""
    return []


@pytest.fixture(scope="module")
async def rows(payload, pages) -> list[IndexRow]:
    job = ScanJob(FILE, ITEM, draw_foreign_lead_sheet(ITEM), payload, NOON)
    with ThreadPoolExecutor(1) as pool:
        return await scan_files([job], pool, pages.append)


def test_the_board_is_told_every_page(rows, pages):
    assert sum(pages) == FILE.pages
    assert len(pages) == len(FILE.documents) == len(rows) - 1


def test_each_document_is_a_pdf_with_the_pages_of_its_row(rows, payload):
    assert len(rows) == len(FILE.documents) + 1
    for row in rows[:-1]:
        with pikepdf.open(payload.parent / row.path) as pdf:
            assert len(pdf.pages) == row.page_count == row.sides_scanned


def test_pages_are_numbered_through_the_file(rows):
    expected = 1
    for row in rows[:-1]:
        assert row.page_first == expected
        expected = row.page_last + 1
    assert expected == FILE.pages + 1


def test_the_counter_is_the_last_row(rows):
    assert rows[-1] == IndexRow.totals(ITEM, rows[:-1])
    assert rows[-1].sheets == FILE.sheets
    assert rows[-1].sheets * 2 == rows[-1].sides_scanned + rows[-1].sides_suppressed


def test_the_first_page_is_the_lead_sheet_and_no_page_comes_twice(rows, payload):
    assert scan_lead_sheet(payload.parent / rows[0].path, 0)[0] == ITEM
    seen = set()
    for row in rows[:-1]:
        with pikepdf.open(payload.parent / row.path) as pdf:
            seen.update(page.Resources.XObject.Scan.read_raw_bytes() for page in pdf.pages)
    assert len(seen) == FILE.pages


def test_leaves_are_numbered_through_the_file_without_its_lead_sheet():
    for file in make_plan(30, 5).files:
        leaves = [leaf for document in file.documents for leaf in _leaves(file, document, dice(1))]
        fronts = [leaf.number for leaf in leaves if leaf.side == 1]
        assert fronts == list(range(1, file.sheets))
        assert len(leaves) == file.pages - 1
        assert {leaf.number for leaf in leaves if leaf.side == 2} <= set(fronts)
