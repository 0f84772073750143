"""The end of a process: by a signal or a failure, and in time whatever does not answer."""

import asyncio
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import structlog

GRACE_SECONDS = 7
"""How long requests in flight may take after the signal."""
END_SECONDS = 9.5
"""How long everything may take together; Kubernetes kills after 30, an impatient operator after 10."""
FAILED = 1
"""Exit code of a forced end that no signal asked for."""
CANCEL_AGAIN_SECONDS = 2.0

log = structlog.get_logger("process")


@contextmanager
def stopping_on_signals(stop: asyncio.Event, *, last: Callable[[], None] | None = None) -> Iterator[Callable[[], None]]:
    """Set `stop` when the process is asked to end, and end it in time then, whatever does not answer.

    What is yielded is for a body that cannot go on: it sets `stop` too, and the limit is the same.
    With `last` the limit is on the body alone: who comes out of it in time may take its time with `last`, and where the
    end is forced, `last` is done before.
    """
    loop = asyncio.get_running_loop()
    signals = (signal.SIGTERM, signal.SIGINT)
    timers: list[threading.Timer] = []

    def end(code: int = FAILED) -> None:
        if not stop.is_set():
            timers.append(start_timer(code, last))
        stop.set()

    for number in signals:
        loop.add_signal_handler(number, end, 0)
    try:
        yield end
    finally:
        for number in signals:
            loop.remove_signal_handler(number)
        if last:
            for timer in timers:
                timer.cancel()


def start_timer(code: int, last: Callable[[], None] | None) -> threading.Timer:
    """Let the process end by force once its time is over.

    A thread does: drivers and pools of threads that wait for a server without an answer may hold up the loop.
    """
    timer = threading.Timer(END_SECONDS, end_by_force, [code, last])
    timer.daemon = True
    timer.start()
    return timer


def end_by_force(code: int, last: Callable[[], None] | None) -> None:
    """End as a kill would, with the exit code: what was answered is durable, what was begun is begun anew."""
    log.warning("ended by force", seconds=END_SECONDS)
    if last:
        # In a thread of its own: should it fail, that is told, and the process ends all the same.
        doing = threading.Thread(target=last)
        doing.start()
        doing.join()
    os._exit(code)


async def end_all(works: Sequence[asyncio.Task[None]]) -> None:
    """Cancel works until all have ended: a driver that fails while it is cancelled can hide the cancellation."""
    running = set(works)
    while running:
        for work in running:
            work.cancel()
        _, running = await asyncio.wait(running, timeout=CANCEL_AGAIN_SECONDS)
