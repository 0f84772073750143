"""What was started in the background is found again and ended, and nothing else is."""

import shlex
import stat
from dataclasses import replace

import psutil
import pytest
from tools.servers.process import is_gone
from tools.servers.state import Running, State

from .listener import Listener

VARIABLES = {"DATABASE_URL": "postgresql://{service}_app:p@127.0.0.1:1/{service}", "EVENT_BUS_URL": "kafka://h:1?a&b"}


@pytest.fixture
def listener(tmp_path):
    with Listener.start(tmp_path) as server:
        yield server


@pytest.fixture
def file(tmp_path):
    return tmp_path / "state.json"


def test_without_a_file_nothing_runs(file):
    state = State.load(file)

    assert not state.is_running()
    state.end()


def test_what_is_saved_is_loaded_again(file, listener):
    state = State.of([listener], VARIABLES)
    state.save(file)

    assert State.load(file) == state
    assert State.load(file).is_running()


def test_nobody_else_may_read_the_passwords(file):
    State(variables=VARIABLES).save(file)

    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_the_servers_of_a_state_are_ended(listener):
    process = psutil.Process(listener.pid)
    state = State.of([listener], {})

    state.end()

    assert is_gone(process)
    assert not state.is_running()


def test_a_process_that_has_the_number_of_another_time_is_left_alone(listener):
    stranger = replace(Running.of(listener), started=1.0)

    stranger.end()

    assert stranger.process() is None
    assert listener.is_serving()


def test_one_server_that_ended_is_enough_to_be_not_running(listener):
    gone = replace(Running.of(listener), pid=2**22)

    assert not State([Running.of(listener), gone]).is_running()


def test_a_shell_reads_the_variables_as_they_are():
    lines = State(variables=VARIABLES).exports().splitlines()

    words = [shlex.split(line) for line in lines]
    assert words == [["export", f"{name}={value}"] for name, value in VARIABLES.items()]
