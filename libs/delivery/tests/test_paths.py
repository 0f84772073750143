from pathlib import PurePosixPath, PureWindowsPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aktenfluss.delivery import Rule
from aktenfluss.delivery.paths import MAX_DEPTH, broken_path_rule

names = st.from_regex(r"\A[A-Za-z0-9_][A-Za-z0-9._-]{0,20}[A-Za-z0-9_]\Z")
paths = st.lists(names, min_size=1, max_size=MAX_DEPTH).map(lambda parts: "/".join(["data", *parts]))
pieces = st.sampled_from(
    ["data", "/", "\\", "..", ".", "a", "B", ":", "C:", "~", "con", "\0", "\u202e", " ", "x.pdf", "%2e"]
)


@given(st.lists(pieces).map("".join))
def test_what_is_accepted_stays_below_the_payload_everywhere(path):
    if broken_path_rule(path) is None:
        for flavour in (PurePosixPath, PureWindowsPath):
            pure = flavour(path)
            assert not pure.is_absolute()
            assert not pure.drive
            assert pure.parts[0] == "data"
            assert ".." not in pure.parts


@given(st.lists(pieces).map("".join))
def test_what_is_accepted_is_written_in_one_way_only(path):
    if broken_path_rule(path) is None:
        assert str(PurePosixPath(path)) == path
        assert path.isascii()


@given(paths, st.sampled_from(["../", "/", "..\\", "C:/", "x/../"]))
def test_a_way_out_in_front_is_found(path, way_out):
    assert broken_path_rule(way_out + path) is Rule.PATH_ESCAPE


@pytest.mark.parametrize(
    "path", ["data/x.pdf", "data/1/2/3/4.pdf", "data/_x", "data/a-b.c_d", "data/console.pdf", "data/x..pdf"]
)
def test_plain_paths_are_fine(path):
    assert broken_path_rule(path) is None
