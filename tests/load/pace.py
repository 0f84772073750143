"""How fast the cores are while something is measured: what else shares their hardware makes CPU times longer, and no counter tells."""

import statistics
import threading
import time
from typing import Self

PAUSE_SECONDS = 0.05
NUMBERS = range(20_000)
"""The work is to add their squares: a millisecond or two, a twentieth of a core at most."""


class Pace:
    """Does the same small work again and again while it is entered."""

    def __init__(self) -> None:
        self._spent: list[float] = []
        self._ended = threading.Event()
        self._worker = threading.Thread(target=self._work, daemon=True)

    def __enter__(self) -> Self:
        self._worker.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._worker.join()

    def _work(self) -> None:
        while True:
            began = time.thread_time()
            sum(number * number for number in NUMBERS)
            self._spent.append(time.thread_time() - began)
            if self._ended.wait(PAUSE_SECONDS):
                return

    @property
    def ms(self) -> float:
        """Mean CPU milliseconds of the work."""
        return statistics.mean(self._spent) * 1000
