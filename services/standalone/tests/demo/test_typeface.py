"""Type on paper: every letter of every name is really drawn, and lines end at spaces."""

import unicodedata
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aktenfluss.standalone.demo import typeface

MORE_LETTERS = "ĄąĆćĐđƏəĞğİıŁłŐőŒœŘřȘșȚțŠšŞşŰűŽžÞþÐðẞßẠạẤấẦầẮắẰằẾếỀềỆệỐốỒồỘộỚớỢợỨứỪừỮữỰựỲỳỸỹƠơƯư§€"


def letters() -> set[str]:
    package = files("aktenfluss.standalone.demo")
    texts = [package / "names.csv", *(package / "wording").iterdir()]
    found = set("".join(text.read_text(encoding="utf-8") for text in texts) + MORE_LETTERS)
    return {letter for letter in found if not unicodedata.category(letter).startswith(("C", "Z"))}


def drawn(font, letter: str) -> tuple[object, bytes]:
    return font.getbbox(letter), bytes(font.getmask(letter))


@pytest.mark.parametrize("face", ["text", "bold", "typed"])
def test_no_letter_becomes_the_box_of_a_missing_glyph(face):
    font = typeface.font(face, 10)
    box = drawn(font, "\ufffe")
    assert [letter for letter in sorted(letters()) if drawn(font, letter) == box] == []


def test_letters_that_differ_by_a_mark_look_different():
    font = typeface.font("typed", 10)
    assert len({drawn(font, letter) for letter in "aáàâăấầắằạả"}) == 11


def test_bold_is_bolder():
    text, bold = (sum(bytes(typeface.font(face, 20).getmask("Bescheid"))) for face in ("text", "bold"))
    assert bold > 1.2 * text


words = st.text("abcdeäöüß ", min_size=1, max_size=300)


@given(words, st.integers(200, 900))
def test_breaking_lines_loses_no_word_and_keeps_to_the_width(text, width):
    lines = list(typeface.break_lines(text, "text", 10.5, width))
    measure = typeface.font("text", 10.5).getlength
    assert " ".join(lines).split() == text.split()
    assert all(measure(line) <= width + 1 for line in lines if " " in line)
