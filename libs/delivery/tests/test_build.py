import subprocess
import sys

import pytest

from aktenfluss.delivery import InvalidDeliveryError, Oxum, build_delivery, check_folder, open_delivery

from .box import ITEMS, box_info, box_rows, item_rows


def all_bytes(folder):
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_built_delivery_passes_the_check(bag):
    report = check_folder(bag)
    assert report.findings == ()
    assert report.delivery == open_delivery(bag)
    assert report.file_count == 5


def test_a_built_delivery_is_a_bag_for_the_reference_library(bag):
    subprocess.run([sys.executable, "-m", "bagit", "--validate", bag], check=True, capture_output=True)


def test_a_delivery_says_what_is_in_it(bag):
    delivery = open_delivery(bag)
    assert delivery.index.item_ids == ITEMS
    assert [row.page_count for row in delivery.index.documents[ITEMS[0]]] == [3, 2]
    assert delivery.index.totals[ITEMS[0]].sheets == 5
    assert delivery.info.external_identifier == "BOX-0001"
    assert delivery.info.payload_oxum == Oxum(sum(p.stat().st_size for p in (bag / "data").rglob("*.*")), 5)


def test_the_same_input_gives_the_same_bytes(bag, scans, tmp_path):
    build_delivery(tmp_path / "again", box_rows(), box_info(), scans)
    assert all_bytes(bag) == all_bytes(tmp_path / "again")


def test_scans_that_lie_in_their_place_are_packed_there(bag):
    before = all_bytes(bag)
    build_delivery(bag, box_rows(), box_info())
    assert all_bytes(bag) == before


def test_a_missing_scan_is_told_before_anything_is_copied(scans, tmp_path):
    (scans / ITEMS[0] / "v1-1.pdf").unlink()
    (scans / ITEMS[1] / "v1-2.pdf").unlink()
    with pytest.raises(InvalidDeliveryError) as caught:
        build_delivery(tmp_path / "new", box_rows(), box_info(), scans)
    assert [finding.rule for finding in caught.value.findings] == ["file-missing"] * 2
    assert not (tmp_path / "new").exists()


def test_a_row_that_leaves_the_folder_is_refused(scans, tmp_path):
    rows = item_rows(ITEMS[0])
    rows[0] = rows[0].__class__(ITEMS[0], 1, 1, "data/../../secret.pdf", 1, 3, 3, 3, 3)
    with pytest.raises(InvalidDeliveryError) as caught:
        build_delivery(tmp_path / "new", rows, box_info(), scans)
    assert {finding.rule for finding in caught.value.findings} == {"path-escape"}
