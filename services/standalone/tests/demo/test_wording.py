"""The wording beside the code: complete, known, and without a gap that nobody fills."""

from datetime import date
from importlib.resources import files
from string import Formatter

import pytest

from aktenfluss.standalone.demo.chance import dice
from aktenfluss.standalone.demo.letters import KINDS, particulars, wording
from aktenfluss.standalone.demo.people import make_people

FRAMES = {"@letter", "@form", "@note", "@next", "@plain"}
VALUES = particulars(make_people(1, 1)[0], date(2011, 3, 4), dice(1))


def gaps(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_every_file_is_a_kind_and_every_kind_has_a_file():
    folder = files("aktenfluss.standalone.demo") / "wording"
    assert sorted(path.name.removesuffix(".txt") for path in folder.iterdir()) == sorted(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_every_page_begins_with_a_frame(kind):
    assert {lines[0] for lines in wording(kind)} <= FRAMES


@pytest.mark.parametrize("kind", KINDS)
def test_every_gap_is_filled(kind):
    for line in (line for lines in wording(kind) for line in lines):
        assert gaps(line) <= VALUES.keys()
        assert "{" not in line.format_map(VALUES)


def test_every_particular_is_used_by_some_letter_or_frame():
    used = set().union(*(gaps(line) for kind in KINDS for lines in wording(kind) for line in lines))
    assert VALUES.keys() - used == set()


@pytest.mark.parametrize("kind", KINDS)
def test_fields_and_rows_have_a_label_and_a_value(kind):
    for line in (line for lines in wording(kind) for line in lines):
        if line.startswith(("< ", "| ")):
            assert line.count(" | ") == 1
