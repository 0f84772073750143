"""Figures: what was planned beside what was found, and one word for the whole."""

from aktenfluss.delivery import order_item_id
from aktenfluss.standalone.demo.boxes import STRANGER_ITEM
from aktenfluss.standalone.demo.figures import Expectation, Figure, Outcome
from aktenfluss.standalone.demo.office import Balance, Holdings
from aktenfluss.standalone.demo.plan import make_plan

PLAN = make_plan(5, 1)
ITEMS = {file.person.file_number: order_item_id(file.number) for file in PLAN.files}


def test_an_outcome_is_as_planned_when_every_figure_is():
    assert Outcome((Figure("pages", 3, 3), Figure("bytes", 4, 4))).as_planned


def test_a_deviation_is_told_with_both_numbers():
    outcome = Outcome((Figure("pages", 3, 2), Figure("bytes", 4, 4)))
    assert not outcome.as_planned
    assert outcome.deviations == ["pages: planned 3, found 2"]


def test_two_items_are_rejected_before_the_correction_and_none_after_it(tmp_path):
    expected = Expectation(PLAN, ITEMS, tmp_path)
    assert str(expected.after_mishaps) == "5 = 3 + 0 + 2"
    assert str(expected.in_the_end) == "5 = 5 + 0 + 0"


def test_each_fault_is_found_at_its_item(tmp_path):
    truncated, missing = (ITEMS[file.person.file_number] for file in (PLAN.truncated, PLAN.missing))
    assert Expectation(PLAN, ITEMS, tmp_path).findings == [
        f"content-missing at {missing}",
        f"pdf-unreadable at {truncated}",
        f"unknown-item at {STRANGER_ITEM}",
    ]


def test_the_holdings_are_what_was_scanned_for_the_order(tmp_path):
    for item in (*ITEMS.values(), STRANGER_ITEM):
        (tmp_path / item).mkdir()
        (tmp_path / item / "01.pdf").write_bytes(b"%PDF-")
    assert Expectation(PLAN, ITEMS, tmp_path).holdings == Holdings(5, PLAN.documents, PLAN.pages, 25)


def test_a_balance_is_settled_when_nothing_is_under_way():
    assert Balance(listed=5, filed=3, accepted=0, rejected=1, missing=1).settled
    assert not Balance(listed=5, filed=3, accepted=1, rejected=1, missing=0).settled
