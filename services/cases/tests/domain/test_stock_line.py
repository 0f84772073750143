"""Lines of the stock list: what they may say and what is said about bad ones."""

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aktenfluss.cases.domain.errors import InvalidStockLineError
from aktenfluss.cases.domain.stock_line import LINE_LIMIT, StockLine
from aktenfluss.cases.domain.stock_list import BATCH_SIZE, batches

GOOD = {"keeping_authority": "064130", "file_number": "A 1/20", "family_name": "Öztürk"}


def line(**changes):
    return json.dumps({**GOOD, **changes}).encode()


def errors_of(text):
    with pytest.raises(InvalidStockLineError) as caught:
        StockLine.parse(text)
    return caught.value.members.get("errors", caught.value.detail)


async def lines(*texts):
    for text in texts:
        yield text


async def batches_of(*texts):
    return [
        [number for number, _ in batch.good.values()] + [outcome.line for outcome in batch.rejected]
        async for batch in batches(lines(*texts))
    ]


@given(st.binary())
def test_whatever_comes_is_a_line_or_a_named_problem(text):
    with contextlib.suppress(InvalidStockLineError):
        assert StockLine.parse(text).file_number


def test_a_line_needs_three_fields():
    parsed = StockLine.parse(line())
    assert (parsed.given_names, parsed.birth_date, parsed.medium) == ("", None, "paper")


def test_windows_ends_and_marks_are_no_matter():
    assert StockLine.parse(b"\xef\xbb\xbf" + line() + b"\r") == StockLine.parse(line())


def test_every_broken_rule_is_named_with_its_place():
    assert errors_of(line(keeping_authority="06 41", birth_date=0, nickname="x", **{"a/b": 1})) == [
        {
            "pointer": "#/keeping_authority",
            "rule": "string_pattern_mismatch",
            "detail": "String should match pattern '^[0-9A-Za-z-]{1,20}$'",
        },
        {"pointer": "#/birth_date", "rule": "birth_date", "detail": "A birth date is written as YYYY-MM-DD"},
        {"pointer": "#/nickname", "rule": "extra_forbidden", "detail": "Extra inputs are not permitted"},
        {"pointer": "#/a~1b", "rule": "extra_forbidden", "detail": "Extra inputs are not permitted"},
    ]


def test_of_a_line_of_unknown_fields_a_hundred_are_named():
    assert len(errors_of(line(**{str(number): 0 for number in range(1_500)}))) == 100


@pytest.mark.parametrize(
    "text", [b"{", b"[]", b"1", b"\xff\xfe", line().replace(b"A 1", b"\xe4"), b'{"file_number": "\\ud800"}']
)
def test_what_is_no_json_object_in_utf8_is_refused(text):
    assert errors_of(text)


@pytest.mark.parametrize("number", ["", " A", "A ", "A\0", "A\u00a0B", "A\nB", "x" * 81, "\ud800"])
def test_file_numbers_hold_nothing_invisible(number):
    assert errors_of(line(file_number=number))


@pytest.mark.parametrize("written", [1, "1990", "19900101", "1990-02-30", "1990-01-01T00:00:00", True])
def test_a_birth_date_is_a_date(written):
    assert errors_of(line(birth_date=written))


def test_a_line_that_is_too_long_is_refused():
    assert errors_of(line(family_name="x" * LINE_LIMIT)) == "The line is longer than 16384 bytes."


def test_what_is_wrong_is_not_repeated():
    assert "Geheim" not in json.dumps(errors_of(line(family_name="Geheim\u0000")))


async def test_bad_lines_stay_among_their_neighbours_and_empty_ones_are_left_out():
    assert await batches_of(line(), b"", b"{", b" \r", line(file_number="A 2/20")) == [[1, 5, 3]]


async def test_a_second_line_about_a_case_file_begins_a_batch():
    assert await batches_of(line(), line(file_number="B"), line(family_name="Ü"), line()) == [[1, 2], [3], [4]]


async def test_batches_have_a_size():
    found = await batches_of(*(line(file_number=str(number)) for number in range(BATCH_SIZE + 1)))
    assert [len(batch) for batch in found] == [BATCH_SIZE, 1]
