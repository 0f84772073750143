"""The contractor's boxes: one is right, one has the three faults and no other, and the correction is right again."""

import asyncio
from datetime import UTC, datetime

import pytest
from rich.console import Console

from aktenfluss.delivery import check_folder, order_item_id
from aktenfluss.standalone.demo.board import Board
from aktenfluss.standalone.demo.boxes import STRANGER_ITEM
from aktenfluss.standalone.demo.contractor import Contractor
from aktenfluss.standalone.demo.documents import write_document
from aktenfluss.standalone.demo.lead_sheets import draw_foreign_lead_sheet
from aktenfluss.standalone.demo.plan import make_plan
from aktenfluss.testkit import PATIENCE_SECONDS

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)
ORDER = "0197c9d2-0000-7000-8000-000000000001"
PLAN = make_plan(3, 9)
ITEMS = {file.person.file_number: order_item_id(100 + file.number) for file in PLAN.files}


@pytest.fixture(scope="module")
def contractor(tmp_path_factory):
    return Contractor(PLAN, ITEMS, tmp_path_factory.mktemp("contractor"), NOON)


@pytest.fixture(scope="module")
async def boxes(contractor):
    printed = contractor.folder / "lead-sheets.pdf"
    write_document(printed, "Leitblätter", NOON.date(), map(draw_foreign_lead_sheet, ITEMS.values()))
    return await contractor.fill_boxes(ORDER, printed, Board(Console(quiet=True)))


def test_the_first_box_is_right(boxes):
    report = check_folder(boxes.first)
    assert report.is_good
    assert report.delivery.index.item_ids == tuple(ITEMS[file.person.file_number] for file in PLAN.first_box)


def test_of_the_second_box_a_file_is_missing_and_one_is_cut_off(boxes, contractor):
    report = check_folder(boxes.faulty)
    missing, truncated = (ITEMS[file.person.file_number] for file in (PLAN.missing, PLAN.truncated))
    assert [(finding.rule, finding.place.split("/")[1]) for finding in report.findings] == [("file-missing", missing)]
    last = report.delivery.index.documents[truncated][-1].path
    whole = contractor.store / last.removeprefix("data/")
    assert whole.read_bytes().startswith((boxes.faulty / last).read_bytes())
    assert (boxes.faulty / last).stat().st_size == whole.stat().st_size // 2


def test_a_stranger_lies_in_the_second_box_only(boxes):
    strangers = [STRANGER_ITEM in check_folder(box).delivery.index.item_ids for box in (boxes.first, boxes.faulty)]
    assert strangers == [False, True]


def test_the_correction_supersedes_the_faulty_box(boxes):
    faulty, corrected = check_folder(boxes.faulty).delivery, check_folder(boxes.corrected)
    assert corrected.is_good
    assert corrected.delivery.info.supersedes == faulty.id
    assert corrected.delivery.info.delivery_revision == 2
    assert STRANGER_ITEM not in corrected.delivery.index.item_ids


def test_the_correction_brings_two_documents_and_an_index_that_are_new(boxes):
    faulty = check_folder(boxes.faulty).delivery
    sent = {digest for path, digest in faulty.contents.items() if (boxes.faulty / path).exists()}
    assert len(set(check_folder(boxes.corrected).delivery.contents.values()) - sent) == 3


async def test_scanning_that_is_cancelled_leaves_out_what_has_not_begun(tmp_path):
    plan = make_plan(8, 9)
    items = {file.person.file_number: order_item_id(100 + file.number) for file in plan.files}
    contractor = Contractor(plan, items, tmp_path, NOON)
    write_document(tmp_path / "printed.pdf", "Leitblätter", NOON.date(), map(draw_foreign_lead_sheet, items.values()))
    scanning = asyncio.create_task(contractor.fill_boxes(ORDER, tmp_path / "printed.pdf", Board(Console(quiet=True))))
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not list(contractor.store.glob("*/*.pdf")):
            await asyncio.sleep(0.01)
    scanning.cancel()
    with pytest.raises(asyncio.CancelledError):
        await scanning
    assert len(list(contractor.store.glob("*/*.pdf"))) < plan.documents
