"""Calls into children: results, refusals, and everything that can go wrong."""

import asyncio
import gc
import json
import os
import resource
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from aktenfluss.servicekit.sandbox import (
    KillReason,
    Sandbox,
    SandboxBrokenError,
    SandboxKilledError,
    SandboxRefusedError,
)

MODULE = "functions_in_child"
TWO_CHILDREN = """
import asyncio, sys
from aktenfluss.servicekit import Sandbox
from aktenfluss.servicekit.http.logging import configure_logging

async def main():
    async with Sandbox("json", recycle_after=1) as sandbox:
        for _ in range(2):
            await sandbox.call("json:loads", "0")

configure_logging(sys.stdout.buffer)
asyncio.run(main())
"""


def pool(**settings):
    defaults = {"workers": 1, "memory_bytes": 512 << 20, "cpu_seconds": 1, "wall_seconds": 20.0}
    return Sandbox(MODULE, search=[Path(__file__).parent], **(defaults | settings))


@pytest.fixture
async def sandbox():
    async with pool() as sandbox:
        yield sandbox


async def call(sandbox, name, *arguments):
    return await sandbox.call(f"{MODULE}:{name}", *arguments)


async def killed(sandbox, name, *arguments):
    with pytest.raises(SandboxKilledError) as caught:
        await call(sandbox, name, *arguments)
    return caught.value


async def test_values_and_bytes_travel_both_ways(sandbox):
    arguments = ["ä", 7, None, {"page": b"\0\xff", "more": [b"", b"abc"]}, "$bytes"]
    assert await call(sandbox, "echo", *arguments) == arguments


async def test_calls_share_a_child(sandbox):
    assert await call(sandbox, "pid") == await call(sandbox, "pid") != os.getpid()


async def test_a_child_holds_neither_the_service_nor_its_environment_nor_its_files(sandbox):
    assert "fastapi" not in await call(sandbox, "modules")
    assert set(await call(sandbox, "environment")) <= {"LANG=C.UTF-8", "OMP_THREAD_LIMIT=1", ""}
    assert await call(sandbox, "open_files") <= 8


async def test_what_a_library_prints_is_dropped(sandbox):
    assert await call(sandbox, "speak") is None
    assert await call(sandbox, "echo", 1) == [1]


async def test_a_refusal_names_the_rule_and_keeps_the_child(sandbox):
    before = await call(sandbox, "pid")
    with pytest.raises(SandboxRefusedError) as caught:
        await call(sandbox, "refuse")
    assert (caught.value.rule, caught.value.detail) == ("no-bombs", "page 3 is a bomb")
    assert await call(sandbox, "pid") == before


@pytest.mark.parametrize(
    ("function", "arguments", "reason", "detail"),
    [
        ("eat_memory", (), KillReason.MEMORY, "MemoryError"),
        ("spin", (), KillReason.CPU, "SIGXCPU"),
        ("die", (), KillReason.CRASH, "SIGSEGV"),
        ("die", (int(signal.SIGKILL),), KillReason.MEMORY, "SIGKILL"),
        ("leave", (), KillReason.CRASH, "exit code 3"),
        ("fail", (), KillReason.CRASH, "KeyError"),
        ("no_such_function", (), KillReason.CRASH, "KeyError"),
        ("out_of_form", (), KillReason.CRASH, "an answer out of form"),
        ("a_list", (), KillReason.CRASH, "an answer out of form"),
        ("start_program", (), KillReason.CRASH, "PermissionError"),
        ("connect", (9,), KillReason.CRASH, "PermissionError"),
    ],
)
async def test_a_bad_call_is_lost_alone(sandbox, function, arguments, reason, detail):
    error = await killed(sandbox, function, *arguments)
    assert (error.reason, error.detail) == (reason, detail)
    assert await call(sandbox, "echo", "next") == ["next"]


@pytest.mark.parametrize("request_to_end", [signal.SIGTERM, signal.SIGINT])
async def test_a_request_to_end_that_reaches_a_child_costs_no_call(sandbox, request_to_end):
    before = await call(sandbox, "pid")
    assert await call(sandbox, "die", int(request_to_end)) is None
    assert await call(sandbox, "pid") == before


@pytest.mark.parametrize(
    ("function", "arguments"), [("die", (int(signal.SIGKILL),)), ("die", ()), ("eat_memory", ()), ("hang", ())]
)
async def test_what_is_lost_by_a_passing_cause_is_tried_again_and_not_blamed(tmp_path, function, arguments):
    async with pool(wall_seconds=3) as sandbox:
        assert await call(sandbox, "fail_once", str(tmp_path), function, *arguments) == "done"


@pytest.mark.parametrize(("function", "tries"), [("die", 2), ("eat_memory", 2), ("spin", 1)])
async def test_a_bad_call_is_tried_twice_at_most_and_endless_computing_once(sandbox, tmp_path, function, tries):
    await killed(sandbox, "fail_always", str(tmp_path), function)
    assert len(list(tmp_path.iterdir())) == tries


async def test_a_child_that_was_killed_while_it_waited_counts_as_no_try(sandbox, tmp_path):
    pid = await call(sandbox, "pid")
    os.kill(pid, signal.SIGKILL)
    await asyncio.to_thread(os.waitid, os.P_PID, pid, os.WEXITED | os.WNOWAIT)
    assert await call(sandbox, "fail_once", str(tmp_path), "die") == "done"


async def test_a_hanging_call_ends_after_the_wall_time():
    async with pool(wall_seconds=3) as sandbox:
        assert (await killed(sandbox, "hang")).reason is KillReason.TIME
        assert await call(sandbox, "echo", "next") == ["next"]


async def test_a_child_writes_no_file(sandbox, tmp_path):
    assert (await killed(sandbox, "write_file", str(tmp_path / "file"))).reason is KillReason.CRASH
    assert not (tmp_path / "file").exists() or (tmp_path / "file").stat().st_size == 0


async def test_a_child_has_no_way_into_a_network(sandbox):
    await call(sandbox, "echo")
    if not sandbox.network_isolated:
        pytest.skip("this kernel grants no network namespace")
    assert await call(sandbox, "routes") == []


def test_children_that_keep_the_network_are_told_once():
    command = [sys.executable, str(Path(__file__).parent / "without_namespaces.py"), "-c", TWO_CHILDREN]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    assert [json.loads(line)["event"] for line in done.stdout.splitlines()] == ["children keep the network"]


async def test_an_answer_above_the_limit_does_not_fill_the_parent():
    async with pool(result_bytes=1 << 20) as sandbox:
        assert len(await call(sandbox, "much", (1 << 20) - 100)) == (1 << 20) - 100
        assert (await killed(sandbox, "much", 2 << 20)).reason is KillReason.MEMORY


async def test_an_argument_that_does_not_travel_is_the_callers_error(sandbox):
    with pytest.raises(TypeError, match="object does not travel"):
        await call(sandbox, "echo", object())
    assert await call(sandbox, "echo", 1) == [1]


async def test_children_are_replaced_after_their_calls():
    async with pool(recycle_after=2) as sandbox:
        first, second, third = [await call(sandbox, "pid") for _ in range(3)]
    assert first == second != third


async def test_calls_run_side_by_side_and_a_bad_neighbour_costs_nothing():
    async with pool(workers=2) as sandbox:
        good = [call(sandbox, "echo", number) for number in range(50)]
        results = await asyncio.gather(*good[:25], killed(sandbox, "die"), *good[25:])
    assert [result for result in results if isinstance(result, list)] == [[number] for number in range(50)]


async def test_a_cancelled_call_does_not_leave_its_answer_to_the_next(sandbox):
    await call(sandbox, "echo")
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await call(sandbox, "hang")
    assert await call(sandbox, "echo", "mine") == ["mine"]


async def test_a_module_that_cannot_be_imported_is_told():
    async with Sandbox("no_such_module") as sandbox:
        with pytest.raises(SandboxBrokenError, match="no_such_module"):
            await sandbox.call("no_such_module:f")


@pytest.fixture
def few_open_files():
    """Leave room for so many more open files of this process; without a number, for as many as before."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)

    def leave(room=None):
        # The kernel gives out the lowest free numbers.
        spare = [os.open(os.devnull, os.O_RDONLY) for _ in range(room or 0)]
        limit = before[0] if room is None else spare[-1] + 1
        for number in spare:
            os.close(number)
        resource.setrlimit(resource.RLIMIT_NOFILE, (limit, before[1]))

    yield leave
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


@pytest.mark.parametrize("room", [1, 2, 3], ids=["no socket", "no /dev/null", "no pipe"])
async def test_a_machine_that_gives_no_child_is_told_and_asked_again_by_the_next_call(sandbox, few_open_files, room):
    few_open_files(room)
    with pytest.raises(SandboxBrokenError, match="Too many open files"):
        await call(sandbox, "echo")
    few_open_files()
    assert await call(sandbox, "echo", "next") == ["next"]


async def test_children_are_gone_after_closing():
    async with pool() as sandbox:
        pid = await call(sandbox, "pid")
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


async def test_children_end_with_their_pool():
    sandbox = pool()
    pid = await call(sandbox, "pid")
    del sandbox
    gc.collect()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


async def test_a_child_that_hangs_up_and_goes_on_is_ended(sandbox):
    assert (await killed(sandbox, "hang_up")).detail == "it hung up and went on"
