"""Failpoints lie outside of the product: each one is found there, each one can end a process, none is left behind."""

import inspect
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from aktenfluss.servicekit import EmbeddedPostgres
from aktenfluss.testkit import PATIENCE_SECONDS

from .failpoints import FAILPOINTS, Countdown, Failpoint, stopping

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("point", FAILPOINTS.values(), ids=FAILPOINTS)
def test_each_failpoint_is_a_function_of_the_product(point: Failpoint) -> None:
    owner, name = point.owner()
    function = getattr(owner, name)
    assert callable(function)
    assert not inspect.isasyncgenfunction(function), "it could not be wrapped"


def test_there_are_twenty_at_least_and_each_name_is_one_place() -> None:
    places = {(point.module, point.function, point.moment) for point in FAILPOINTS.values()}
    assert len(places) == len(FAILPOINTS) >= 20


@pytest.mark.parametrize(("moment", "expected"), [("before", ["pass", "work"]), ("after", ["work", "pass"])])
async def test_a_wrapped_function_is_passed_before_or_after_its_work(moment, expected) -> None:
    order: list[str] = []

    async def work() -> str:
        order.append("work")
        return "done"

    wrapped = stopping(work, moment, lambda _: order.append("pass"))
    assert await wrapped() == "done"
    assert order == expected


def test_a_failpoint_about_something_lets_all_else_pass(tmp_path: Path) -> None:
    point = Failpoint("example", "pathlib", "Path.replace", "after", about="wanted")
    countdown = Countdown(point, 1, tmp_path / "note")
    countdown.pass_by(("another",))
    assert not (tmp_path / "note").exists()


def test_a_process_dies_at_its_failpoint_and_says_so(tmp_path: Path) -> None:
    note = tmp_path / "note"
    command = [sys.executable, "-m", "tests.faults.process", "aktenfluss.standalone", "migrate", "--data", tmp_path]
    environment = {"FAIL_AT": "after_migration:2", "FAIL_NOTE": str(note), "PATH": "/usr/bin:/bin"}
    done = subprocess.run(
        command, cwd=ROOT, env=environment, check=False, capture_output=True, timeout=PATIENCE_SECONDS
    )
    EmbeddedPostgres.start(tmp_path / "postgres").stop()  # it outlives who started it
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert note.read_text() == "after_migration"


def test_the_product_knows_no_failpoint() -> None:
    sources = [path for folder in ("libs", "services") for path in (ROOT / folder).glob("*/src/**/*.py")]
    knowing = [path for path in sources if any(word in path.read_text() for word in ("FAIL_AT", "failpoint", "PLANT"))]
    assert (len(sources) > 100, knowing) == (True, [])
