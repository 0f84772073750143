"""HAProxy serves what its configuration says, and takes a new one without losing its port."""

import urllib.request

import psutil
import pytest
from tools.servers import HAProxy, ServerError, free_port

pytestmark = pytest.mark.servers
CONFIG = """
defaults
    mode http
    timeout client 5s
    timeout connect 5s
    timeout server 5s
frontend door
    bind 127.0.0.1:"${{PORT}}"
    http-request return status 200 content-type text/plain string "{answer}"
"""


@pytest.fixture
def config(tmp_path):
    return write(tmp_path / "haproxy.cfg", "first")


@pytest.fixture
def haproxy(tmp_path, config):
    port = free_port()
    with HAProxy.start(tmp_path, config, {"PORT": str(port)}, port) as server:
        yield server


def write(config, answer):
    config.write_text(CONFIG.format(answer=answer))
    return config


def ask(haproxy):
    with urllib.request.urlopen(f"http://127.0.0.1:{haproxy.port}/", timeout=5) as answer:
        return answer.read().decode()


def test_it_answers_as_configured_before_and_after_a_kill(haproxy):
    assert ask(haproxy) == "first"

    haproxy.kill()
    haproxy.start_again()

    assert ask(haproxy) == "first"


def test_a_kill_leaves_no_worker(haproxy):
    workers = haproxy.workers()

    haproxy.kill()

    assert workers
    assert [pid for pid in workers if psutil.pid_exists(pid) and psutil.Process(pid).status() != "zombie"] == []


def test_a_reload_takes_the_new_configuration(haproxy, config):
    write(config, "second")
    pid = haproxy.pid

    haproxy.reload()

    assert (ask(haproxy), haproxy.pid) == ("second", pid)


def test_a_wrong_configuration_is_refused_and_the_old_one_goes_on(haproxy, config):
    config.write_text("nonsense")

    with pytest.raises(ServerError, match="unknown keyword 'nonsense'"):
        haproxy.reload()

    assert ask(haproxy) == "first"


def test_a_server_that_cannot_start_says_why(tmp_path, config):
    config.write_text("nonsense")

    with pytest.raises(ServerError, match="unknown keyword 'nonsense'"):
        HAProxy.start(tmp_path, config, {}, free_port())
