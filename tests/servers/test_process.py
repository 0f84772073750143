"""A server is started, killed, paused and stopped as a whole, and ends with whoever started it."""

import subprocess
import sys
from pathlib import Path

import psutil
import pytest
from tools.servers.process import PORTS, ServerError, free_port, holds_within, is_gone, keep

from .listener import Listener

ROOT = Path(__file__).parents[2]
START = """
import sys
from pathlib import Path
from tests.servers.listener import Listener

server = Listener.start(Path(sys.argv[1]))
if sys.argv[2] == "outlives":
    server.outlive()
print(server.pid, flush=True)
sys.stdin.read()
"""


@pytest.fixture
def listener(tmp_path):
    with Listener.start(tmp_path) as server:
        yield server


@pytest.fixture
def started_elsewhere(tmp_path):
    """Start a server from another process, kill that one, and give the server's process."""

    def start(how):
        command = [sys.executable, "-c", START, str(tmp_path), how]
        with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as parent:
            server = psutil.Process(int(parent.stdout.readline()))
            processes.extend([server, *server.children()])
            parent.kill()
        return server

    processes = []
    yield start
    for process in processes:
        if not is_gone(process):
            process.kill()


def test_a_start_returns_once_the_server_serves(listener):
    assert listener.is_serving()
    assert listener.log.read_text() == "begins\n"


def test_a_kill_takes_the_children_along(listener):
    processes = [psutil.Process(listener.pid), *psutil.Process(listener.pid).children()]

    listener.kill()

    assert len(processes) == 2
    assert all(map(is_gone, processes))


def test_a_killed_server_comes_back_on_its_port(listener):
    port, pid = listener.port, listener.pid
    listener.kill()

    listener.start_again()

    assert listener.is_serving()
    assert (listener.port, listener.pid == pid) == (port, False)


def test_a_pause_stops_all_processes_until_they_go_on(listener):
    listener.pause()
    assert psutil.Process(listener.pid).status() == psutil.STATUS_STOPPED

    listener.resume()

    assert psutil.Process(listener.pid).status() != psutil.STATUS_STOPPED


def test_a_process_that_ends_meanwhile_holds_up_no_other(listener, monkeypatch):
    with subprocess.Popen([sys.executable, "-c", ""]) as short:
        ended = psutil.Process(short.pid)
    monkeypatch.setattr(listener, "_tree", lambda: [ended, psutil.Process(listener.pid)])

    listener.pause()
    listener.resume()
    listener.stop()

    assert not psutil.pid_exists(listener.pid)


def test_a_paused_server_can_be_stopped(listener):
    process = psutil.Process(listener.pid)
    listener.pause()

    listener.stop()

    assert is_gone(process)


def test_a_killed_server_can_be_stopped_and_killed_again(listener):
    listener.kill()

    listener.kill()
    listener.stop()

    with pytest.raises(ConnectionRefusedError):
        listener.is_serving()


def test_a_server_that_ends_at_once_tells_its_last_words(tmp_path):
    with pytest.raises(ServerError, match=r"listener ended with 3.*\nlast words"):
        Listener(tmp_path, "import sys; print('last words'); sys.exit(3)").start_again()


def test_a_server_that_was_not_started_has_no_process(tmp_path):
    with pytest.raises(ServerError, match="was not started"):
        _ = Listener(tmp_path).pid


def test_a_server_ends_with_the_process_that_started_it(started_elsewhere):
    server = started_elsewhere("ends")

    assert holds_within(10, lambda: is_gone(server))


def test_a_server_may_outlive_the_process_that_started_it(started_elsewhere, tmp_path):
    ended = started_elsewhere("ends")
    assert holds_within(10, lambda: is_gone(ended))

    assert not is_gone(started_elsewhere("outlives"))


def test_no_port_is_given_twice():
    ports = [free_port() for _ in range(500)]

    assert len(set(ports)) == 500


def test_a_port_that_was_given_to_another_process_is_not_given_until_that_ends():
    take = "import sys; from tools.servers import free_port; print(free_port(), flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", take], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        port = int(other.stdout.readline())
        with pytest.raises(BlockingIOError):
            keep(port)
        other.kill()
    keep(port)


def test_a_port_is_none_that_the_kernel_gives_to_clients():
    first = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])

    assert free_port() in PORTS
    assert first not in PORTS
    assert first > PORTS.start
