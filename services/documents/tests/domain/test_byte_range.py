"""Laws of ranges."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from aktenfluss.documents.domain.byte_range import ByteRange
from aktenfluss.documents.domain.errors import InvalidContentRangeError, RangeNotSatisfiableError

sizes = st.integers(0, 2**40)


@given(first=sizes, last=sizes, total=sizes)
def test_a_range_lies_within_the_whole(first, last, total):
    assume(first <= last)
    if first >= total:
        with pytest.raises(RangeNotSatisfiableError):
            ByteRange.asked(f"bytes={first}-{last}", total)
    else:
        assert ByteRange.asked(f"bytes={first}-{last}", total) == ByteRange(first, min(last, total - 1), total)


@given(first=sizes, total=sizes)
def test_an_open_range_reaches_the_end(first, total):
    assume(first < total)
    asked = ByteRange.asked(f"bytes={first}-", total)
    assert (asked.first, asked.last, asked.length) == (first, total - 1, total - first)


@given(length=st.integers(1, 2**40), total=st.integers(1, 2**40))
def test_a_suffix_is_the_end_of_the_whole(length, total):
    assert ByteRange.asked(f"bytes=-{length}", total).length == min(length, total)


@pytest.mark.parametrize(
    "header",
    [None, "", "bytes=", "bytes=-", "bytes=5-3", "bytes=0-1,4-5", "items=0-1", "bytes=a-b", "bytes=٣-٤", "bytes=1--2"],
)
def test_a_header_of_another_form_asks_for_the_whole(header):
    assert ByteRange.asked(header, 10) is None


@pytest.mark.parametrize("header", ["bytes=10-", "bytes=-0", "bytes=10-12"])
def test_a_range_behind_the_end_cannot_be_sent(header):
    with pytest.raises(RangeNotSatisfiableError) as caught:
        ByteRange.asked(header, 10)
    assert caught.value.members == {"size_bytes": 10}


@given(st.tuples(sizes, sizes, sizes).filter(lambda numbers: numbers[0] <= numbers[1] < numbers[2]))
def test_a_content_range_is_read_as_it_is_written(numbers):
    chunk = ByteRange(*numbers)
    assert ByteRange.sent(str(chunk)) == chunk


@pytest.mark.parametrize(
    "header",
    ["", "bytes 0-1", "bytes 0-1/*", "bytes */10", "bytes 5-3/10", "bytes 0-10/10", "bytes -1-3/10", "0-1/10"],
)
def test_a_content_range_of_another_form_is_refused(header):
    with pytest.raises(InvalidContentRangeError):
        ByteRange.sent(header)
