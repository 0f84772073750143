"""A clock that stands until the test moves it."""

from datetime import UTC, datetime, timedelta


class FixedClock:
    """Implements `kernel.Clock`."""

    def __init__(self, now: datetime = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)) -> None:
        self._now = now

    def now(self) -> datetime:
        return self._now

    def advance(self, seconds: float) -> None:
        """Move on; negative seconds move back."""
        self._now += timedelta(seconds=seconds)
