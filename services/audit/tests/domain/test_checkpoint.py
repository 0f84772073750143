"""Checkpoints follow each other, and their forms can be read back."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aktenfluss.audit.domain.checkpoint import Checkpoint, CheckpointCopy, SignedCheckpoint, Trail

hashes = st.binary(min_size=32, max_size=32)
leaves = st.lists(hashes, min_size=1, max_size=20).map(tuple)


@given(leaves, st.integers(0, 1 << 52))
def test_a_statement_is_read_back(sealed, sealed_us):
    checkpoint = Trail("offenbach").seal(sealed, sealed_us)
    assert Checkpoint.of_statement(checkpoint.statement()) == checkpoint


@given(leaves, leaves)
def test_a_trail_goes_on_from_the_frontier_alone(first, second):
    start = Trail("offenbach")
    behind = start.after(SignedCheckpoint(start.seal(first, 1), "signature"))
    assert behind.seal(second, 2).root == start.seal(first + second, 2).root


@given(leaves)
def test_a_checkpoint_seals_its_leaves_and_no_others(sealed):
    trail = Trail("offenbach")
    checkpoint = trail.seal(sealed, 1)
    assert trail.seals(checkpoint, sealed)
    assert not trail.seals(checkpoint, sealed[:-1])
    assert not trail.seals(checkpoint, (*sealed[:-1], bytes(32)[:31] + b"\x01"))


@pytest.mark.parametrize("change", [{"tenant_id": "hanau"}, {"number": 2}, {"previous_hash": b"\x01" * 32}])
def test_a_checkpoint_of_another_place_does_not_continue_the_trail(change):
    trail = Trail("offenbach")
    assert not trail.continued_by(replace(trail.seal((bytes(32),), 1), **change))


@given(st.text(), leaves)
def test_a_copy_is_read_back(signature, sealed):
    copy = CheckpointCopy(signature, sealed)
    assert CheckpointCopy.decode(copy.encode()) == copy


def test_another_spelling_of_a_copy_is_not_the_copy():
    content = CheckpointCopy("signature", (b"\xab" * 32,)).encode()
    assert CheckpointCopy.decode(content.replace(b"ab", b"AB")) == CheckpointCopy()
    assert CheckpointCopy.decode(content + b"\n") == CheckpointCopy()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"{}",
        b'{"signature":"x","leaves":1}',
        b'{"signature":"x","leaves":["zz"]}',
        b"\xff",
        b"[" * 100_000,
    ],
)
def test_an_object_that_cannot_be_read_is_a_copy_without_signature(content):
    assert CheckpointCopy.decode(content) == CheckpointCopy()
