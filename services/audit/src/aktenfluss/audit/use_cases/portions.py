"""How a long stream is read: in batches, or with the work on what comes next begun already."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable


async def batches(numbers: AsyncIterator[int], count: int) -> AsyncIterator[list[int]]:
    """Yield what `numbers` yields, in lists of at most `count`."""
    batch: list[int] = []
    async for number in numbers:
        batch.append(number)
        if len(batch) == count:
            yield batch
            batch = []
    if batch:
        yield batch


async def ahead[T, R](
    items: AsyncIterator[T], work: Callable[[T], Awaitable[R]], count: int
) -> AsyncGenerator[tuple[T, R]]:
    """Yield each item with what `work` makes of it, in order, while the work on the next `count` is under way.

    An error comes up in the turn of its item. Close it where you leave before the end: the work that was begun is cancelled.
    """
    begun: deque[tuple[T, asyncio.Future[R]]] = deque()
    try:
        async for item in items:
            begun.append((item, asyncio.ensure_future(work(item))))
            if len(begun) > count:
                yield await first(begun)
        while begun:
            yield await first(begun)
    finally:
        for _, future in begun:
            future.cancel()
        await asyncio.gather(*(future for _, future in begun), return_exceptions=True)


async def first[T, R](begun: deque[tuple[T, asyncio.Future[R]]]) -> tuple[T, R]:
    item, future = begun[0]
    result = await future
    begun.popleft()
    return item, result
