"""The end of a process: asked for by a signal, and in time whatever does not answer."""

import asyncio
import os
import signal
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import structlog

GRACE_SECONDS = 7
"""How long requests in flight may take after the signal."""
END_SECONDS = 9.5
"""How long everything may take together; Kubernetes kills after 30, an impatient operator after 10."""
CANCEL_AGAIN_SECONDS = 2.0

log = structlog.get_logger("process")


@contextmanager
def stopping_on_signals(stop: asyncio.Event, *, in_time: bool) -> Iterator[None]:
    """Set `stop` when the process is asked to end; with `in_time` it ends then, whatever does not answer."""
    loop = asyncio.get_running_loop()
    signals = (signal.SIGTERM, signal.SIGINT)

    def end() -> None:
        if in_time and not stop.is_set():
            end_by_force_after(END_SECONDS)
        stop.set()

    for number in signals:
        loop.add_signal_handler(number, end)
    try:
        yield
    finally:
        for number in signals:
            loop.remove_signal_handler(number)


def end_by_force_after(seconds: float) -> None:
    """End the process if it still runs after `seconds`, with exit code 0: it was asked to, and loses nothing by it.

    A thread: drivers and pools of threads that wait for a server without an answer may hold up the loop and what
    follows it.
    """
    timer = threading.Timer(seconds, end_by_force)
    timer.daemon = True
    timer.start()


def end_by_force() -> None:
    """End at once, as a kill would: what was answered is durable, what was begun is begun anew."""
    log.warning("ended by force", seconds=END_SECONDS)
    os._exit(0)


async def end_all(works: Sequence[asyncio.Task[None]]) -> None:
    """Cancel works until all have ended: a driver that fails while it is cancelled can hide the cancellation."""
    running = set(works)
    while running:
        for work in running:
            work.cancel()
        _, running = await asyncio.wait(running, timeout=CANCEL_AGAIN_SECONDS)
