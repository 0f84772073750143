"""Laws of uploads in chunks."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aktenfluss.documents.domain.byte_range import ByteRange
from aktenfluss.documents.domain.errors import UploadOffsetMismatchError
from aktenfluss.documents.domain.upload import Step, Upload, first_step, part_key, part_written_at, with_part
from aktenfluss.kernel import digest_of, new_id

DIGEST = digest_of(b"large")
NOW = datetime(2026, 3, 2, tzinfo=UTC)


def upload(received=60, total=100):
    return Upload(DIGEST, total, received, ("part",), NOW)


@given(st.lists(st.integers(1, 9), min_size=1, max_size=20))
def test_chunks_in_order_are_appended(lengths):
    total, first, known = sum(lengths) + 1, 0, None
    for number, length in enumerate(lengths):
        chunk = ByteRange(first, first + length - 1, total)
        assert (known.step(chunk) if known else first_step(DIGEST, chunk)) is (Step.APPEND if known else Step.BEGIN)
        known = with_part(known, DIGEST, chunk, str(number), NOW)
        first += length
    assert known == Upload(DIGEST, total, first, tuple(map(str, range(len(lengths)))), NOW)


@given(first=st.integers(0, 99), last=st.integers(0, 99))
def test_a_chunk_is_known_or_next_or_refused(first, last):
    chunk = ByteRange(min(first, last), max(first, last), 100)
    if chunk.last < 60:
        assert upload().step(chunk) is Step.SKIP
    elif chunk.first == 60:
        assert upload().step(chunk) is Step.APPEND
    else:
        with pytest.raises(UploadOffsetMismatchError) as caught:
            upload().step(chunk)
        assert caught.value.members == {"upload_offset": 60}


def test_another_total_begins_anew():
    assert upload().step(ByteRange(0, 9, 120)) is Step.BEGIN
    assert with_part(upload(), DIGEST, ByteRange(0, 9, 120), "new", NOW) == Upload(DIGEST, 120, 10, ("new",), NOW)
    with pytest.raises(UploadOffsetMismatchError) as caught:
        upload().step(ByteRange(60, 69, 120))
    assert caught.value.members == {"upload_offset": 0}


def test_the_first_chunk_begins_at_zero():
    with pytest.raises(UploadOffsetMismatchError):
        first_step(DIGEST, ByteRange(1, 2, 3))


def test_a_part_tells_when_it_was_begun():
    before = datetime.now(UTC).timestamp()  # noqa: TID251 - the id is made from the machine's clock
    key = part_key("offenbach", DIGEST, new_id())
    assert key.startswith("uploads/offenbach/sha256/")
    assert abs(part_written_at(key).timestamp() - before) < 5
