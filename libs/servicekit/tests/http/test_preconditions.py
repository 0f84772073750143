"""A change names the version that it changes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aktenfluss.servicekit.http import PreconditionFailedError, PreconditionRequiredError, etag, if_match


@given(st.integers(0, 10**17))
def test_etag_of_a_version_matches_it(version: int) -> None:
    assert if_match(etag(version)) == version


@pytest.mark.parametrize("header", [None, "*", " * "])
def test_change_without_a_version_is_refused(header: str | None) -> None:
    with pytest.raises(PreconditionRequiredError):
        if_match(header)


@pytest.mark.parametrize(
    "header", ["", "1", '"1', '"01"', '"-1"', '"1", "2"', 'W/"1"', '"x"', '"\uff11"', '"' + "9" * 20 + '"']
)
def test_what_is_no_etag_of_ours_is_stale(header: str) -> None:
    with pytest.raises(PreconditionFailedError):
        if_match(header)
