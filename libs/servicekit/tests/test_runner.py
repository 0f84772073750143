"""The works behind a service end when they are asked to, whatever their drivers do."""

import asyncio
import signal
import subprocess
import sys

import pytest

from aktenfluss.servicekit.database.connection import heed_cancellation
from aktenfluss.servicekit.process import ending
from aktenfluss.testkit import PATIENCE_SECONDS


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
    await asyncio.wait_for(ending.end_all([work]), PATIENCE_SECONDS)
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
        await asyncio.wait_for(work, PATIENCE_SECONDS)


async def test_a_task_that_was_not_cancelled_goes_on():
    heed_cancellation()


NEVER_ENDS = """
import asyncio, sys
from aktenfluss.servicekit.process import ending

ending.END_SECONDS = 0.2

def fail():
    raise OSError("last failed")

last = {"last": lambda: print("last", flush=True), "fail": fail, "": None}[sys.argv[1]]

async def main():
    with ending.stopping_on_signals(asyncio.Event(), last=last):
        print("runs", flush=True)
        await asyncio.Event().wait()

asyncio.run(main())
"""
CANNOT_GO_ON = """
import asyncio
from aktenfluss.servicekit.process import ending

ending.END_SECONDS = 0.2

async def main():
    with ending.stopping_on_signals(asyncio.Event()) as end:
        end()
        await asyncio.Event().wait()

asyncio.run(main())
"""
TAKES_ITS_TIME = """
import asyncio, time
from aktenfluss.servicekit.process import ending

ending.END_SECONDS = 2

async def main():
    stop = asyncio.Event()
    with ending.stopping_on_signals(stop, last=lambda: None):
        print("runs", flush=True)
        await stop.wait()
    time.sleep(3)
    print("at rest", flush=True)

asyncio.run(main())
"""


def ended(program: str, *arguments: str) -> tuple[int, str]:
    """Ask a program to end once it runs; return its exit code and what it printed from then on."""
    command = [sys.executable, "-c", program, *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        assert process.stdout.readline() == "runs\n"
        process.send_signal(signal.SIGTERM)
        printed, _ = process.communicate(timeout=PATIENCE_SECONDS)
    return process.returncode, printed


@pytest.mark.parametrize(("last", "printed"), [("", "seconds=0.2\n"), ("last", "\nlast\n"), ("fail", "last failed\n")])
def test_what_never_ends_is_ended_by_force_after_what_comes_last(last, printed):
    code, told = ended(NEVER_ENDS, last)
    assert (code, "ended by force" in told, told.endswith(printed)) == (0, True, True)


def test_what_cannot_go_on_and_never_ends_is_ended_by_force_as_a_failure():
    process = subprocess.run(
        [sys.executable, "-c", CANNOT_GO_ON], check=False, capture_output=True, text=True, timeout=PATIENCE_SECONDS
    )
    assert (process.returncode, "ended by force" in process.stdout) == (1, True)


def test_what_comes_last_may_take_its_time_where_the_rest_ended():
    assert ended(TAKES_ITS_TIME) == (0, "at rest\n")
