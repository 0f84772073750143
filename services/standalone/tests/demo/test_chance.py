"""Chance that repeats itself."""

from hypothesis import given
from hypothesis import strategies as st

from aktenfluss.standalone.demo.chance import dice

names = st.lists(st.one_of(st.integers(), st.text(max_size=5)), max_size=3)


@given(st.integers(), names)
def test_the_same_names_throw_the_same(seed, parts):
    assert dice(seed, *parts).random() == dice(seed, *parts).random()


@given(st.integers(), st.integers(0, 1_000))
def test_other_names_throw_something_else(seed, number):
    throws = {dice(seed, "person", number).random(), dice(seed, "file", number).random(), dice(seed, number).random()}
    assert len(throws) == 3


def test_one_more_throw_changes_nothing_elsewhere():
    before = dice(1, "b").random()
    dice(1, "a").random()
    assert dice(1, "b").random() == before
