"""Laws of the lines on the wire."""

from hypothesis import given
from hypothesis import strategies as st

from aktenfluss.cases.api.stock_list_stream import line_of, split_lines

LIMIT = 8
TEXTS = st.binary(max_size=40).map(lambda text: text.replace(b"\0", b"\n"))
CUTS = st.lists(st.integers(min_value=0, max_value=40), max_size=6)


async def chunks_of(text, cuts):
    begin = 0
    for end in [*sorted(cuts), len(text)]:
        yield text[begin:end]
        begin = max(begin, end)


async def split(text, cuts=()):
    return [line async for line in split_lines(chunks_of(text, cuts), LIMIT)]


@given(TEXTS, CUTS)
async def test_chunks_do_not_matter(text, cuts):
    assert await split(text, cuts) == await split(text)


@given(TEXTS)
async def test_lines_are_whole_up_to_the_limit_and_one_byte_longer_beyond(text):
    assert await split(text) == [line[: LIMIT + 1] for line in text.split(b"\n")]


@given(st.dictionaries(st.text(max_size=5), st.text(max_size=5)))
def test_a_line_of_the_report_has_one_end(value):
    assert line_of(value).count(b"\n") == 1
    assert line_of(value).endswith(b"\n")
