"""`python -m tools.servers` starts servers that stay, tells about them, and stops them."""

import shlex
import subprocess
import sys
from pathlib import Path

import psutil
import psycopg
import pytest
from tools.servers.process import is_gone

ROOT = Path(__file__).parents[2]


@pytest.fixture
def command(tmp_path):
    def run(*arguments):
        return subprocess.run(
            [sys.executable, "-m", "tools.servers", *arguments, "--folder", tmp_path],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )

    yield run
    run("stop")


def test_of_nothing_nothing_runs(command):
    status = command("status")

    assert (status.returncode, status.stdout) == (1, "")


@pytest.mark.servers
def test_servers_stay_after_the_start_and_go_with_the_stop(command):
    started = command("start", "--store", "versitygw")
    assert started.returncode == 0, started.stderr

    status = command("status")
    assert [line.split()[:2] for line in status.stdout.splitlines()] == [
        ["postgres", "runs"],
        ["kafka", "runs"],
        ["versitygw", "runs"],
    ]
    assert command("start").stdout == started.stdout
    with psycopg.connect(variable(started.stdout, "DATABASE_URL").replace("{service}", "audit")) as connection:
        assert connection.info.user == "audit_app"

    assert command("stop").returncode == 0
    pids = [int(line.split()[-1]) for line in status.stdout.splitlines()]
    assert [pid for pid in pids if psutil.pid_exists(pid) and not is_gone(psutil.Process(pid))] == []


def variable(output, name):
    words = [shlex.split(line)[1] for line in output.splitlines()]
    return dict(word.split("=", 1) for word in words)[name]
