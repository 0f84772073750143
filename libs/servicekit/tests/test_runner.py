"""The works behind a service end when they are asked to, whatever their drivers do."""

import asyncio

import pytest

from aktenfluss.servicekit.database.connection import heed_cancellation
from aktenfluss.servicekit.process import ending


async def test_a_work_that_hides_its_cancellation_is_cancelled_again(monkeypatch):
    monkeypatch.setattr(ending, "CANCEL_AGAIN_SECONDS", 0.01)
    hidden = []

    async def stubborn() -> None:
        while len(hidden) < 3:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                hidden.append("as a driver does that loses its connection meanwhile")
        await asyncio.Event().wait()

    work = asyncio.create_task(stubborn())
    await asyncio.sleep(0)
    await asyncio.wait_for(ending.end_all([work]), 10)
    assert work.cancelled()
    assert len(hidden) == 3


async def test_a_loop_heeds_a_cancellation_that_came_out_as_a_loss():
    async def waits_for_ever() -> None:
        while True:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                heed_cancellation()

    work = asyncio.create_task(waits_for_ever())
    await asyncio.sleep(0)
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(work, 10)


async def test_a_task_that_was_not_cancelled_goes_on():
    heed_cancellation()
