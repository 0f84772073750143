"""Waits for work in a thread, such that who is cancelled leaves no work behind that goes on by itself."""

import asyncio
from concurrent.futures import Future
from contextlib import suppress


async def ended[T](job: Future[T]) -> None:
    """Return once the job has ended.

    Who is cancelled takes the job back, or, where it has begun, leaves only when it has ended, however often he is
    cancelled: a file that is closed under it could give its descriptor to another file, and an upload would go on after
    it was aborted.
    """
    end = end_of(job)
    try:
        await end
    except asyncio.CancelledError:
        if not job.cancel():
            end = end_of(job)
            while not job.done():
                with suppress(asyncio.CancelledError):
                    await asyncio.wait([end])
        raise


def end_of[T](job: Future[T]) -> asyncio.Future[None]:
    """Return what is done once the job is.

    By hand: asyncio's own way into a thread and its shield cost half as much again, for each block of a content.
    """
    loop = asyncio.get_running_loop()
    end: asyncio.Future[None] = loop.create_future()
    job.add_done_callback(lambda _: loop.call_soon_threadsafe(wake, end))
    return end


def wake(end: asyncio.Future[None]) -> None:
    """Wake who waits, unless he was cancelled."""
    if not end.done():
        end.set_result(None)
