"""Waits for what a cluster becomes; nothing here sleeps for a time that somebody guessed."""

from collections.abc import Callable
from operator import not_

import httpx
from tenacity import RetryError, Retrying, retry_if_exception_type, retry_if_result, stop_after_delay, wait_fixed
from tools.servers import ServerError

from aktenfluss.testkit import PATIENCE_SECONDS

PAUSE_SECONDS = 0.5
"""Between two looks: each starts programs, which take their share of the cores from what is waited for."""
NOT_YET = (ServerError, httpx.HTTPError)
"""What a look meets on its way where the cluster is busy."""


def wait_for(what: str, condition: Callable[[], bool], seconds: float = PATIENCE_SECONDS) -> None:
    """Return once the condition holds; raises AssertionError where it does not in time."""
    looks = Retrying(
        stop=stop_after_delay(seconds),
        wait=wait_fixed(PAUSE_SECONDS),
        retry=retry_if_result(not_) | retry_if_exception_type(NOT_YET),
    )
    try:
        looks(condition)
    except RetryError as exc:
        raise AssertionError(f"not within {seconds} s: {what}") from exc.last_attempt.exception()
