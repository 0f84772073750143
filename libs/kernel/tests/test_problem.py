"""Problems carry what their caller needs."""

import pytest

from aktenfluss.kernel import RETRYABLE, Kind, Problem


class BoxSealedError(Problem):
    """The box is sealed.

    Way out: open another box.
    """

    slug = "box-sealed"
    title = "Box sealed"
    kind = Kind.CONFLICT


def test_a_problem_keeps_its_detail_and_its_members():
    with pytest.raises(BoxSealedError, match="box 4 is sealed") as raised:
        raise BoxSealedError("box 4 is sealed", box=4)

    assert raised.value.detail == "box 4 is sealed"
    assert raised.value.members == {"box": 4}
    assert raised.value.kind is Kind.CONFLICT


def test_only_what_goes_away_by_itself_is_tried_again():
    assert {Kind.UNAVAILABLE, Kind.STORAGE_FULL, Kind.TOO_MANY_REQUESTS} == RETRYABLE
