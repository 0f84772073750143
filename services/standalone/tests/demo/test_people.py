"""The people of the demo: real letters, no number twice, the same ones every time."""

import unicodedata
from datetime import date

from aktenfluss.standalone.demo.people import make_people, origins


def test_a_seed_always_gives_the_same_people():
    assert make_people(30, 7) == make_people(30, 7)
    assert make_people(30, 7) != make_people(30, 8)


def test_more_people_leave_the_earlier_ones_as_they_were():
    assert make_people(40, 7)[:10] == make_people(10, 7)


def test_no_file_number_comes_twice():
    assert len({person.file_number for person in make_people(500, 1)}) == 500


def test_every_origin_has_its_turn_and_most_names_are_beyond_ascii():
    people = make_people(60, 2030)
    assert {person.country for person in people} == {origin.country for origin in origins()}
    assert sum(not person.name.isascii() for person in people) > 40


def test_a_stock_line_is_what_the_import_asks_for():
    person = make_people(1, 1)[0]
    line = person.stock_line()
    assert list(line) == ["keeping_authority", "file_number", "family_name", "given_names", "birth_date"]
    assert date.fromisoformat(line["birth_date"]) == person.birth_date
    assert line["file_number"].startswith(f"33.21-{person.family_name[0]}-")


def test_names_are_written_in_one_way_only():
    names = [
        name for origin in origins() for names in (origin.family_names, origin.women, origin.men) for name in names
    ]
    assert all(unicodedata.is_normalized("NFC", name) and name == name.strip() for name in names)


def test_both_given_names_follow_the_salutation():
    for person in make_people(100, 3):
        origin = next(origin for origin in origins() if origin.country == person.country)
        assert person.given_names in (origin.women if person.female else origin.men)


def test_everybody_is_born_between_1950_and_2002():
    births = [person.birth_date for person in make_people(300, 1)]
    assert date(1950, 1, 1) <= min(births)
    assert max(births) < date(2002, 2, 1)
