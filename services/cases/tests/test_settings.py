"""What an operator may set."""

from datetime import timedelta

import pytest
from pydantic import ValidationError

from aktenfluss.cases.settings import CasesSettings


def test_a_grant_lives_for_five_minutes_unless_told_otherwise():
    assert CasesSettings().grant_lifetime == timedelta(minutes=5)


@pytest.mark.parametrize("seconds", [0, 301])
def test_a_grant_lives_for_a_short_time(seconds):
    with pytest.raises(ValidationError):
        CasesSettings(grant_seconds=seconds)
