"""Letters and forms: all wording finds its room, and no page is like another."""

from datetime import date, timedelta
from itertools import islice

import pytest
from PIL import ImageChops

from aktenfluss.standalone.demo.chance import dice
from aktenfluss.standalone.demo.letters import KINDS, Leaf, draw_page, german_date, particulars, wording, writings
from aktenfluss.standalone.demo.people import make_people

PERSON = make_people(5, 1)[4]
DAY = date(2011, 3, 4)


@pytest.mark.parametrize("kind", KINDS)
def test_each_piece_of_wording_fits_on_its_pages(kind):
    throw = dice(1, kind)
    for lines in wording(kind):
        sheet = draw_page(lines, particulars(PERSON, DAY, throw), Leaf(17, 1), throw)
        black = sheet.image.histogram()[0]
        assert 0.005 < black / (sheet.image.width * sheet.image.height) < 0.2


def test_a_letter_speaks_to_its_person():
    values = particulars(PERSON, DAY, dice(1))
    assert values["name"] == PERSON.name
    assert values["anrede"].endswith(PERSON.family_name)
    assert values["datum"] == "4. März 2011"
    assert german_date(DAY + timedelta(days=300)) == "29. Dezember 2011"


def test_the_same_letter_on_another_leaf_is_another_page():
    lines = wording("hearing")[0]
    values = particulars(PERSON, DAY, dice(1))
    front, back = (draw_page(lines, values, Leaf(17, side), dice(1)).image for side in (1, 2))
    left, top, _, bottom = ImageChops.logical_xor(front, back).getbbox()
    assert left > 200
    assert top < 300
    assert bottom > 3_200


def test_writings_go_on_for_years():
    pages = list(islice(writings(PERSON, DAY, dice(1)), 50))
    assert len({(lines, values["datum"]) for lines, values in pages}) == 50
    assert pages == list(islice(writings(PERSON, DAY, dice(1)), 50))
