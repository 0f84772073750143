"""The compact range is the tree of RFC 9162, written here as the RFC writes it."""

from hashlib import sha256

from hypothesis import given
from hypothesis import strategies as st

from aktenfluss.audit.domain.merkle import EMPTY_ROOT, NO_TREE, CompactRange, leaf_hash, node_hash

leaf_lists = st.lists(st.binary(max_size=8).map(leaf_hash), max_size=70)


def split(count):
    """Return the largest power of two below `count`."""
    return 1 << (count - 1).bit_length() - 1


def root_of(leaves):
    """RFC 9162, section 2.1.1."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = split(len(leaves))
    return sha256(b"\x01" + root_of(leaves[:k]) + root_of(leaves[k:])).digest()


def path_of(leaves, index):
    """RFC 9162, section 2.1.3.1: the siblings from the leaf up, each with the side it stands on."""
    if len(leaves) == 1:
        return []
    k = split(len(leaves))
    if index < k:
        return [*path_of(leaves[:k], index), ("right", root_of(leaves[k:]))]
    return [*path_of(leaves[k:], index - k), ("left", root_of(leaves[:k]))]


@given(leaf_lists)
def test_root_is_that_of_the_rfc(leaves):
    assert NO_TREE.extend(leaves).root == root_of(leaves)


@given(leaf_lists, st.data())
def test_growing_in_parts_gives_the_same_tree(leaves, data):
    cut = data.draw(st.integers(0, len(leaves)))
    assert NO_TREE.extend(leaves[:cut]).extend(leaves[cut:]) == NO_TREE.extend(leaves)


@given(leaf_lists.filter(bool), st.data())
def test_every_leaf_is_included_in_the_root(leaves, data):
    index = data.draw(st.integers(0, len(leaves) - 1))
    node = leaves[index]
    for side, sibling in path_of(leaves, index):
        node = node_hash(sibling, node) if side == "left" else node_hash(node, sibling)
    assert node == NO_TREE.extend(leaves).root


@given(leaf_lists.filter(bool), st.data())
def test_another_leaf_gives_another_root(leaves, data):
    index = data.draw(st.integers(0, len(leaves) - 1))
    changed = [*leaves[:index], leaf_hash(b"something else"), *leaves[index + 1 :]]
    assert NO_TREE.extend(changed).root != NO_TREE.extend(leaves).root


@given(leaf_lists)
def test_frontier_has_one_root_for_each_one_of_the_size(leaves):
    tree = NO_TREE.extend(leaves)
    assert (tree.size, len(tree.peaks)) == (len(leaves), len(leaves).bit_count())


def test_known_roots():
    """The test vectors of RFC 6962's reference implementation."""
    data = [b"", b"\x00", b"\x10", b"\x20\x21", b"\x30\x31", b"\x40\x41\x42\x43", b"\x50\x51\x52\x53\x54\x55\x56\x57"]
    tree = NO_TREE.extend(leaf_hash(item) for item in data[:3])
    assert tree.root.hex() == "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77"
    assert CompactRange().root == EMPTY_ROOT
