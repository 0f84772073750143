"""Laws of the case file: versions, medium and the places of its documents."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aktenfluss.cases.domain.case_file import CaseFile
from aktenfluss.cases.domain.errors import MediumSetBackError, PageNotFiledError
from aktenfluss.cases.domain.stock_line import StockLine
from aktenfluss.contracts.scans import AcceptedDocument
from aktenfluss.kernel import digest_of, new_id

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
LATER = NOW + timedelta(days=1)
MEDIA = st.sampled_from(["paper", "hybrid", "electronic"])
PAGE_COUNTS = st.lists(st.integers(min_value=1, max_value=500), min_size=1, max_size=20)


def stock_line(**changes):
    return StockLine(
        **{"keeping_authority": "064130", "file_number": "A 1/20", "family_name": "Öztürk", "given_names": "Ayşe"}
        | changes
    )


def opened(**changes):
    return CaseFile.open(stock_line(**changes), NOW)


def document(page_count=1):
    return AcceptedDocument(
        document_id=new_id(), content=digest_of(b""), size_bytes=1, media_type="application/pdf", page_count=page_count
    )


@given(st.lists(st.tuples(MEDIA, st.sampled_from(["Öztürk", "Demir"])), max_size=8))
def test_versions_count_changes_and_the_medium_never_goes_back(lines):
    order = ["paper", "hybrid", "electronic"]
    case_file = opened()
    for medium, family_name in lines:
        after = case_file.restate(stock_line(medium=medium, family_name=family_name), LATER)
        changed = after.differences(case_file)
        assert after.version == case_file.version + bool(changed)
        assert order.index(after.medium) == max(order.index(case_file.medium), order.index(medium))
        assert (after.electronic_at is not None) == (after.medium == "electronic")
        case_file = after


@given(PAGE_COUNTS, PAGE_COUNTS)
def test_pages_of_a_file_run_through_without_gap(first, second):
    case_file, entries = opened().file("1", [document(count) for count in first], NOW)
    case_file, more = case_file.file("2", [document(count) for count in second], LATER)
    pages = [page for entry in entries + more for page in range(entry.first_page, entry.last_page + 1)]
    assert pages == list(range(1, case_file.page_count + 1))
    assert [entry.position for entry in entries + more] == list(range(1, case_file.entry_count + 1))
    assert case_file.version == 3


def test_filing_makes_a_file_electronic_once():
    case_file, _ = opened().file("1", [document()], NOW)
    again, _ = case_file.file("2", [document()], LATER)
    assert (again.medium, again.electronic_at) == ("electronic", NOW)


def test_a_file_may_be_electronic_from_the_start():
    assert opened(medium="electronic").electronic_at == NOW


def test_an_electronic_file_refuses_to_become_paper():
    with pytest.raises(MediumSetBackError, match="The case file is electronic and cannot become hybrid"):
        opened(medium="electronic").change({"medium": "hybrid"}, LATER)


def test_changing_nothing_gives_the_same_version():
    case_file = opened()
    assert case_file.change({}, LATER) is case_file
    assert case_file.change({"family_name": "Öztürk"}, LATER) is case_file


def test_what_a_stock_line_does_not_say_stays():
    case_file = opened(birth_date="1990-05-06", medium="hybrid")
    assert case_file.restate(stock_line(), LATER) is case_file
    assert case_file.restate(stock_line(birth_date=None), LATER).birth_date is None


def test_differences_name_the_fields():
    case_file = opened()
    changed = case_file.change({"birth_date": date(1990, 5, 6), "medium": "electronic"}, LATER)
    assert changed.differences(case_file) == ["birth_date", "medium", "electronic_at"]


def test_a_name_is_found_from_both_sides():
    assert (opened().family_first, opened().given_first) == ("ozturk ayse", "ayse ozturk")


@pytest.mark.parametrize("page", [0, 4])
def test_an_entry_knows_its_pages(page):
    _, [entry] = opened().file("1", [document(3)], NOW)
    assert [entry.checked_page(None), entry.checked_page(1), entry.checked_page(3)] == [None, 1, 3]
    with pytest.raises(PageNotFiledError) as caught:
        entry.checked_page(page)
    assert caught.value.members == {"page_count": 3}
