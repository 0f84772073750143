"""Waits for work in a thread, such that who is cancelled leaves no work behind that goes on by itself."""

import asyncio
from concurrent.futures import Future


async def ended[T](job: Future[T]) -> None:
    """Return once the job has ended.

    Who is cancelled takes the job back, or, where it has begun, leaves only when it has ended: a file that is closed
    under it could give its descriptor to another file, and an upload would go on after it was aborted.
    """
    loop = asyncio.get_running_loop()
    # By hand: asyncio's own way into a thread and its shield cost half as much again, for each block of a content.
    end: asyncio.Future[None] = loop.create_future()
    job.add_done_callback(lambda _: loop.call_soon_threadsafe(wake, end))
    try:
        await end
    except asyncio.CancelledError:
        if not job.cancel():
            await asyncio.gather(asyncio.wrap_future(job), return_exceptions=True)
        raise


def wake(end: asyncio.Future[None]) -> None:
    """Wake who waits, unless he was cancelled."""
    if not end.done():
        end.set_result(None)
