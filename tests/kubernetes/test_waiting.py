"""What a busy cluster does not answer is asked again, what never comes about is told with the reason."""

import httpx
import pytest
from tools.servers import ServerError

from .waiting import wait_for


@pytest.mark.parametrize("trouble", [ServerError("the API server is busy"), httpx.ConnectTimeout("the door is busy")])
def test_a_look_that_fails_is_taken_again(trouble):
    looks = iter([trouble, None])

    def look():
        if found := next(looks):
            raise found
        return True

    wait_for("an answer", look)


def test_what_does_not_come_about_is_told_with_the_last_trouble():
    trouble = ServerError("the API server is away")

    def look():
        raise trouble

    with pytest.raises(AssertionError, match="not within 0 s: an answer") as told:
        wait_for("an answer", look, 0)
    assert told.value.__cause__ is trouble


def test_a_mistake_of_the_test_is_no_reason_to_wait():
    with pytest.raises(KeyError):
        wait_for("an answer", lambda: {}["answer"])
