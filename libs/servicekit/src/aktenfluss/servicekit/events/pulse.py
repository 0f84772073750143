"""Signs of life of an inbox, for `/live` and the metrics."""

import time
from collections.abc import Iterable, Mapping
from datetime import datetime

LIVE_SECONDS = 300.0
"""Longer than any step of an inbox takes: a handler's requests and statements have their own, shorter limits."""
MEASURE_SECONDS = 10.0


class Pulse:
    """When an inbox last came round, how many events wait for it, by topic, and since when the oldest in its hand does.

    `has_namesake` tells whether another process has its name, with which Kafka confuses it.

    An inbox that waits for a lost database or bus comes round too: starting it anew would not bring them back.
    """

    def __init__(self) -> None:
        self.lag: Mapping[str, int] = {}
        self.oldest: float | None = None
        self.has_namesake = False
        self._beat_at: float | None = None
        self._measured_at: float | None = None

    def beat(self) -> None:
        """Note that the inbox came round."""
        self._beat_at = time.monotonic()

    @property
    def is_alive(self) -> bool:
        """Whether it came round lately; one that never began is not missed."""
        return self._beat_at is None or time.monotonic() - self._beat_at < LIVE_SECONDS

    @property
    def has_begun(self) -> bool:
        """Whether the inbox came round at all."""
        return self._beat_at is not None

    @property
    def is_due(self) -> bool:
        """Whether the lag should be measured again."""
        return self._measured_at is None or time.monotonic() - self._measured_at >= MEASURE_SECONDS

    def take(self, since: Iterable[datetime]) -> None:
        """Note the events that the inbox takes in hand, by when they came about; none where it has applied all."""
        self.oldest = min((moment.timestamp() for moment in since), default=None)

    def measure(self, lag: Mapping[str, int]) -> None:
        """Note the lag."""
        self.lag = lag
        self._measured_at = time.monotonic()
