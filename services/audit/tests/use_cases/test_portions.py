"""A stream that is read ahead: in order, so many at once, and nothing is left under way."""

import asyncio
from contextlib import aclosing

import pytest

from aktenfluss.audit.use_cases.portions import ahead

AHEAD = 3


async def numbers(end):
    for number in range(end):
        yield number


class Work:
    """Work that is done when as many as `together` are under way."""

    def __init__(self, together):
        self.together = asyncio.Barrier(together)
        self.under_way = 0

    async def __call__(self, number):
        self.under_way += 1
        try:
            await self.together.wait()
        finally:
            self.under_way -= 1
        return number * number


async def test_so_many_are_under_way_at_once_and_come_in_order():
    work = Work(AHEAD + 1)
    async with asyncio.timeout(10):
        assert [found async for found in ahead(numbers(8), work, AHEAD)] == [(n, n * n) for n in range(8)]


async def test_no_more_are_under_way_than_asked_for():
    work = Work(AHEAD + 2)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.2):
            _ = [found async for found in ahead(numbers(8), work, AHEAD)]
    assert work.under_way == 0


async def test_who_leaves_early_leaves_nothing_under_way():
    work = Work(AHEAD + 1)
    async with asyncio.timeout(10), aclosing(ahead(numbers(9), work, AHEAD)) as found:
        assert await anext(found) == (0, 0)
        assert await anext(found) == (1, 1)
    assert work.under_way == 0


async def test_an_error_comes_up_in_the_turn_of_its_item():
    async def inverse(number):
        return 6 / (number - 2)

    seen = []
    with pytest.raises(ZeroDivisionError):
        async for number, _ in ahead(numbers(9), inverse, AHEAD):
            seen.append(number)
    assert seen == [0, 1]
