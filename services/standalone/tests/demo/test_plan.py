"""The plan: the sizes of a real stock, and faults that lie in the second box."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aktenfluss.standalone.demo.plan import FEWEST_SHEETS, MOST_SHEETS, make_plan

plans = st.builds(make_plan, st.integers(3, 40), st.integers(0, 10**6))


@given(plans)
def test_every_file_has_5_to_400_sheets_in_1_to_8_documents(plan):
    for file in plan.files:
        assert FEWEST_SHEETS <= file.sheets <= MOST_SHEETS
        assert 1 <= len(file.documents) <= 8
        assert [document.number for document in file.documents] == list(range(1, len(file.documents) + 1))


@given(plans)
def test_every_sheet_has_two_sides_of_which_one_or_both_are_scanned(plan):
    for document in (document for file in plan.files for document in file.documents):
        assert document.sheets >= 2
        assert document.sheets <= document.pages <= 2 * document.sheets - 1
        assert document.sheets * 2 == document.pages + document.suppressed


@given(plans)
def test_the_faults_are_two_files_of_the_second_box_and_a_stranger(plan):
    assert plan.truncated in plan.second_box
    assert plan.missing in plan.second_box
    assert plan.truncated != plan.missing
    assert plan.stranger not in plan.files
    assert len(plan.stranger.documents) == 1


def test_the_demo_s_own_plan_fits_its_two_minutes():
    plan = make_plan()
    assert len(plan.files) == 60
    assert 1_400 <= plan.sheets <= 1_800
    assert plan.pages == sum(file.pages for file in plan.files)
    assert plan.documents == sum(len(file.documents) for file in plan.files)
    assert len({document.sheets for file in plan.files for document in file.documents}) > 20


def test_most_files_are_thin_and_a_few_are_thick():
    sheets = sorted(file.sheets for seed in range(10) for file in make_plan(60, seed).files)
    assert 12 <= sheets[len(sheets) // 2] <= 18
    assert sum(sheets) / len(sheets) > 1.4 * sheets[len(sheets) // 2]
    assert sheets[-1] > 150


@given(plans)
def test_documents_of_a_file_follow_each_other_in_time(plan):
    for file in plan.files:
        began = [document.began_on for document in file.documents]
        assert began == sorted(began)


def test_too_small_a_plan_has_no_room_for_the_faults():
    with pytest.raises(ValueError, match="at least 3"):
        make_plan(2)
