"""Boxes: what their labels say, and how a next revision refers to the one before."""

from datetime import UTC, datetime

import pytest

from aktenfluss.delivery import IndexRow, InvalidDeliveryError, open_delivery, order_item_id
from aktenfluss.standalone.demo.boxes import Mishap, Shelf, pack_faulty

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)
ORDER = "0197c9d2-0000-7000-8000-000000000001"
FIRST, SECOND = order_item_id(1), order_item_id(2)


@pytest.fixture
def shelf(tmp_path):
    for item in (FIRST, SECOND):
        (tmp_path / "scanned" / item).mkdir(parents=True)
        for number in (1, 2):
            (tmp_path / "scanned" / item / f"{number:02d}.pdf").write_bytes(b"%PDF-1.7 " + item.encode() * number)
    return Shelf(tmp_path / "scanned", ORDER, NOON)


def rows(*items: str) -> list[IndexRow]:
    found = []
    for item in items:
        documents = [
            IndexRow(item, 1, number, f"data/{item}/{number:02d}.pdf", number, number, 1, 1, 1) for number in (1, 2)
        ]
        found += [*documents, IndexRow.totals(item, documents)]
    return found


def test_a_label_names_box_order_and_time(shelf, tmp_path):
    info = shelf.pack(tmp_path / "box", 7, rows(FIRST)).info
    assert info.external_identifier == "KISTE-007"
    assert info.scan_order_id == ORDER
    assert info.scan_started == info.scan_finished == NOON
    assert (info.delivery_revision, info.supersedes) == (1, None)


def test_a_box_has_what_its_rows_name_and_nothing_else(shelf, tmp_path):
    delivery = shelf.pack(tmp_path / "box", 1, rows(FIRST))
    assert delivery.index.item_ids == (FIRST,)
    assert not (tmp_path / "box" / "data" / SECOND).exists()


def test_packing_again_gives_the_same_delivery(shelf, tmp_path):
    again = [shelf.pack(tmp_path / name, 1, rows(FIRST, SECOND)).id for name in ("a", "b")]
    assert again[0] == again[1]


def test_each_revision_supersedes_the_one_before(shelf, tmp_path):
    first = shelf.pack(tmp_path / "1", 1, rows(FIRST))
    second = shelf.pack(tmp_path / "2", 1, rows(FIRST), supersedes=first)
    third = shelf.pack(tmp_path / "3", 1, rows(FIRST), supersedes=second)
    assert [delivery.info.delivery_revision for delivery in (first, second, third)] == [1, 2, 3]
    assert (second.info.supersedes, third.info.supersedes) == (first.id, second.id)


def test_mishaps_spare_the_other_documents(shelf, tmp_path):
    box = tmp_path / "box"
    delivery = pack_faulty(shelf, box, 2, rows(FIRST, SECOND), Mishap(truncated_item=FIRST, missing_item=SECOND))
    assert open_delivery(box).id == delivery.id
    assert sorted(path.relative_to(box / "data").as_posix() for path in box.rglob("*.pdf")) == [
        f"{FIRST}/01.pdf",
        f"{FIRST}/02.pdf",
        f"{SECOND}/01.pdf",
    ]
    sizes = [(tmp_path / place / FIRST / "02.pdf").stat().st_size for place in ("scanned", "box/data")]
    assert sizes[1] == sizes[0] // 2


def test_what_is_not_on_the_shelf_cannot_be_packed(shelf, tmp_path):
    (shelf.store / FIRST / "02.pdf").unlink()
    with pytest.raises(InvalidDeliveryError):
        shelf.pack(tmp_path / "box", 1, rows(FIRST))
