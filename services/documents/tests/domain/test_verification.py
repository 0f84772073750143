"""Laws of bytes that are checked on their way."""

from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise

import pytest
from blake3 import blake3
from hypothesis import given
from hypothesis import strategies as st

from aktenfluss.documents.domain.content import Content, digest_path
from aktenfluss.documents.domain.errors import (
    ContentDamagedError,
    ContentTooLargeError,
    DigestMismatchError,
    IncompleteBodyError,
)
from aktenfluss.documents.domain.verification import (
    BLOCK_BYTES,
    Arrival,
    Expected,
    in_chunks,
    sole_block,
    verified,
    verified_blocks,
)
from aktenfluss.kernel import digest_of

NOW = datetime(2026, 3, 2, tzinfo=UTC)
LARGE = bytes(range(256)) * ((BLOCK_BYTES >> 6) + 100)


async def pieces_of(*pieces):
    for piece in pieces:
        yield piece


async def joined(chunks):
    return b"".join([chunk async for chunk in chunks])


def content_of(data):
    return Content(digest_of(data), len(data), NOW)


@given(st.lists(st.binary(max_size=40), max_size=20), st.integers(1, 50))
async def test_chunks_hold_the_same_bytes(pieces, size):
    chunks = [chunk async for chunk in in_chunks(pieces_of(*pieces), size)]
    assert b"".join(chunks) == b"".join(pieces)
    assert all(len(chunk) == size for chunk in chunks[:-1])
    assert all(chunks)


@given(st.lists(st.binary(max_size=40), max_size=20))
async def test_what_arrives_as_announced_passes(pieces):
    whole = b"".join(pieces)
    arrival = Arrival(Expected(digest_of(whole), len(whole), 10_000))
    assert await joined(arrival.check(pieces_of(*pieces))) == whole
    assert (arrival.size_bytes, arrival.block_digests) == (len(whole), b"")


@given(st.binary(min_size=1, max_size=60), st.data())
async def test_no_changed_bit_passes(whole, data):
    position = data.draw(st.integers(0, len(whole) * 8 - 1))
    changed = (int.from_bytes(whole) ^ 1 << position).to_bytes(len(whole))
    with pytest.raises(DigestMismatchError):
        await joined(Arrival(Expected(digest_of(whole), len(whole), 100)).check(pieces_of(changed)))
    with pytest.raises(ContentDamagedError):
        await verified(content_of(whole), pieces_of(changed))
    with pytest.raises(ContentDamagedError):
        await sole_block(content_of(whole), pieces_of(changed))


@pytest.mark.parametrize("announced", [2, 4, None])
async def test_another_number_of_bytes_is_refused(announced):
    error = DigestMismatchError if announced is None else IncompleteBodyError
    with pytest.raises(error):
        await joined(Arrival(Expected(digest_of(b"abcd"), announced, 100)).check(pieces_of(b"abc")))


def test_what_is_announced_beyond_the_limit_is_refused_unread():
    with pytest.raises(ContentTooLargeError) as caught:
        Expected(digest_of(b""), 101, 100)
    assert caught.value.members == {"limit_bytes": 100}


async def test_what_grows_beyond_the_limit_is_refused():
    with pytest.raises(ContentTooLargeError):
        await joined(Arrival(Expected(digest_of(b"abcd"), None, 3)).check(pieces_of(b"ab", b"cd")))


@pytest.mark.parametrize("whole", [b"", b"abc", b"x" * BLOCK_BYTES], ids=["empty", "small", "full"])
async def test_a_block_comes_out_whole_or_not_at_all(whole):
    assert await sole_block(content_of(whole), pieces_of(whole[:1], whole[1:])) == whole
    for stored in (whole[:-1] or b"x", whole + b"x"):
        with pytest.raises(ContentDamagedError):
            await sole_block(content_of(whole), pieces_of(stored))


async def test_a_content_that_lost_its_end_or_grew_is_damaged():
    for stored in (b"ab", b"abcd"):
        with pytest.raises(ContentDamagedError):
            await verified(content_of(b"abc"), pieces_of(stored))


@pytest.fixture
async def large():
    arrival = Arrival(Expected(digest_of(LARGE), len(LARGE), len(LARGE)))
    assert await joined(arrival.check(pieces_of(LARGE))) == LARGE
    return replace(content_of(LARGE), block_digests=arrival.block_digests)


async def test_a_content_that_was_stored_without_block_digests_has_them_once_it_is_verified(large):
    assert await verified(content_of(LARGE), pieces_of(LARGE)) == large


async def test_a_large_content_has_a_digest_per_block(large):
    blocks = [LARGE[start : start + BLOCK_BYTES] for start in range(0, len(LARGE), BLOCK_BYTES)]
    assert large.block_digests == b"".join(blake3(block).digest() for block in blocks)
    assert await joined(verified_blocks(large, slice(3, None), pieces_of(*blocks[3:]))) == LARGE[3 * BLOCK_BYTES :]


@given(st.lists(st.integers(0, len(LARGE)), max_size=8))
async def test_the_digests_are_the_same_in_whatever_pieces_a_content_comes(cuts):
    places = [0, *sorted(cuts), len(LARGE)]
    arrival = Arrival(Expected(digest_of(LARGE), None, len(LARGE)))
    pieces = [LARGE[start:end] for start, end in pairwise(places)]
    assert await joined(arrival.check(pieces_of(*pieces))) == LARGE
    blocks = [LARGE[start : start + BLOCK_BYTES] for start in range(0, len(LARGE), BLOCK_BYTES)]
    assert arrival.block_digests == b"".join(blake3(block).digest() for block in blocks)


async def test_a_changed_block_does_not_come_out(large):
    wrong = b"\1" + LARGE[1 + BLOCK_BYTES :]
    with pytest.raises(ContentDamagedError):
        await joined(verified_blocks(large, slice(1, None), pieces_of(wrong)))


@pytest.mark.parametrize("stored", [LARGE[:BLOCK_BYTES], LARGE + b"x", b""], ids=["short", "long", "empty"])
async def test_blocks_that_are_missing_or_too_many_are_a_damage(large, stored):
    with pytest.raises(ContentDamagedError):
        await joined(verified_blocks(large, slice(0, None), pieces_of(stored)))


def test_a_digest_spreads_over_folders():
    assert digest_path("sha256:abcdef") == "sha256/ab/abcdef"
