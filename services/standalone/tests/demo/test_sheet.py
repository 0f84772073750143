"""Sheets of paper: ink lands where it is told to, and a full sheet says so."""

import pytest
from PIL import ImageOps

from aktenfluss.standalone.demo.sheet import BOTTOM, LEFT, RIGHT, Sheet


def ink(sheet: Sheet) -> tuple[int, int, int, int] | None:
    return ImageOps.invert(sheet.image.convert("L")).getbbox()


def test_a_new_sheet_is_white():
    assert ink(Sheet()) is None


def test_text_keeps_to_its_margins():
    sheet = Sheet()
    for _ in range(6):
        sheet.paragraph("Die Aufenthaltserlaubnis wird verlängert. " * 12)
    left, _, right, bottom = ink(sheet)
    assert left >= LEFT
    assert right <= RIGHT
    assert bottom <= BOTTOM


def test_a_full_sheet_takes_no_more():
    sheet = Sheet()
    sheet.move_to(270)
    with pytest.raises(ValueError, match="full"):
        sheet.field("Name", "Nguyễn")
    assert ink(sheet) is None


def test_a_ticked_box_has_more_ink_than_an_empty_one():
    empty, ticked = Sheet(), Sheet()
    empty.tick_box("ja", ticked=False)
    ticked.tick_box("ja", ticked=True)
    assert ticked.image.histogram()[0] > empty.image.histogram()[0] + 200


def test_a_stamp_lies_over_what_was_written():
    sheet = Sheet()
    sheet.at(125, 55, "Auental")
    before = sheet.image.histogram()[0]
    sheet.stamp("Eingegangen / 4. März 2011", 6)
    assert sheet.image.histogram()[0] > before + 5_000


def test_a_row_puts_label_and_value_on_one_line():
    sheet = Sheet()
    sheet.row("Geburtsdatum", "4. März 2011")
    _, top, _, bottom = ink(sheet)
    assert bottom - top < 70
