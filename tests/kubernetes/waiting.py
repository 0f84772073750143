"""Waits for what a cluster becomes; nothing here sleeps for a time that somebody guessed."""

from collections.abc import Callable

from tools.servers.process import holds_within

from aktenfluss.testkit import PATIENCE_SECONDS


def wait_for(what: str, condition: Callable[[], bool], seconds: float = PATIENCE_SECONDS) -> None:
    """Return once the condition holds; raises AssertionError where it does not in time."""
    assert holds_within(seconds, condition), f"not within {seconds} s: {what}"
