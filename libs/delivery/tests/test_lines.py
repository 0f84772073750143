import pytest
from hypothesis import given
from hypothesis import strategies as st

from aktenfluss.delivery.lines import MAX_LINES, is_encodable, numbered_lines, text_findings

lines = st.lists(st.text(st.characters(exclude_characters="\r\n", exclude_categories=("Cs",))))
line_ends = st.sampled_from(["\n", "\r\n"])


@given(lines, line_ends)
def test_lines_are_cut_at_line_ends_only(texts, end):
    assert list(numbered_lines("".join(text + end for text in texts))) == list(enumerate(texts, 1))


@given(lines)
def test_the_last_line_needs_no_end(texts):
    joined = "\n".join([*texts, "last"])
    assert list(numbered_lines(joined))[-1] == (len(texts) + 1, "last")


@pytest.mark.parametrize("character", ["\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\u2029", "\r"])
def test_what_other_readers_take_for_a_line_end_is_none(character):
    assert [line for _, line in numbered_lines(f"a{character}b\n")] == [f"a{character}b"]


def test_a_text_is_read_to_the_limit_and_not_further():
    assert sum(1 for _ in numbered_lines("x\n" * MAX_LINES)) == MAX_LINES
    assert sum(1 for _ in numbered_lines("x\n" * (MAX_LINES + 5))) == MAX_LINES
    assert text_findings("bagit.txt", "x\n" * MAX_LINES) == []


def test_half_of_a_surrogate_pair_cannot_be_written():
    assert is_encodable("\U0001f4c4")
    assert not is_encodable("\ud83d")
