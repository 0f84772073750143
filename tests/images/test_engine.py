"""What is said where there is no Docker engine."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from tools.images import engine
from tools.images.store import ROOT, UnavailableError
from tools.servers import ServerError


def test_without_an_engine_one_sentence_says_so(tmp_path):
    told = {"DOCKER_HOST": f"unix://{tmp_path}/docker.sock", "AKTENFLUSS_IMAGES_CACHE": str(tmp_path / "cache")}
    command = [sys.executable, "-m", "tools.images", "build"]

    done = subprocess.run(command, cwd=ROOT, env={**os.environ, **told}, capture_output=True, text=True, check=False)

    assert done.returncode == 69
    assert done.stdout == ""
    assert done.stderr.startswith("images: ")
    assert len(done.stderr.splitlines()) == 1
    assert list((tmp_path / "cache").iterdir()) == [tmp_path / "cache" / ".lock"]


def test_only_root_starts_an_engine(monkeypatch):
    monkeypatch.delenv("DOCKER_HOST", raising=False)
    monkeypatch.setattr(os, "geteuid", lambda: 1000)

    with pytest.raises(UnavailableError, match="only root"):
        engine.require_engine()


def test_what_cannot_be_installed_is_named(monkeypatch, tmp_path):
    monkeypatch.delenv("DOCKER_HOST", raising=False)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(UnavailableError, match=r"docker\.io and debootstrap cannot be installed"):
        engine.require_engine()


def test_another_installation_that_is_at_work_is_waited_for(monkeypatch, tmp_path):
    program = tmp_path / "apt-get"
    program.write_text(f'#!/bin/sh\necho "$@" >{tmp_path}/asked\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))

    assert engine.installs(["docker.io"])
    assert "DPkg::Lock::Timeout=300" in (tmp_path / "asked").read_text()


def test_the_engine_touches_no_network_of_the_machine(tmp_path):
    command = engine.Engine(tmp_path).command()

    assert {"--bridge=none", "--iptables=false", "--ip6tables=false"} <= set(command)
    assert [part for part in command if part.startswith("--host=")] == [f"--host=unix://{tmp_path}/docker.sock"]


@pytest.fixture
def stub(tmp_path, monkeypatch):
    """Give an engine whose program tells which numbers it finds noted, and ends."""
    programs = tmp_path / "programs"
    programs.mkdir()
    program = programs / "dockerd"
    program.write_text("#!/bin/sh\nls docker.pid run/containerd/containerd.pid 2>/dev/null\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}:{os.environ['PATH']}")
    return engine.Engine(tmp_path / "engine")


def found_by(stub, number):
    """Return the notes that the engine finds where a process of this number is noted."""
    for noted in ("docker.pid", "run/containerd/containerd.pid"):
        (stub.folder / noted).parent.mkdir(parents=True, exist_ok=True)
        (stub.folder / noted).write_text(f"{number}\n")
    with pytest.raises(ServerError, match="dockerd ended with"):
        stub.start_again()
    return stub.log.read_text().split()


def test_the_numbers_of_a_killed_engine_are_forgotten_though_others_have_them_now(stub):
    assert found_by(stub, os.getpid()) == []


def test_an_engine_that_runs_is_left_alone(stub):
    with subprocess.Popen(
        ["sh", "-c", "read -r _", f"--pidfile={stub.folder}/docker.pid"], stdin=subprocess.PIPE
    ) as it:
        assert found_by(stub, it.pid) == ["docker.pid", "run/containerd/containerd.pid"]
        it.stdin.close()


@pytest.mark.images
def test_the_engine_leaves_no_mount_behind(tmp_path, monkeypatch):
    monkeypatch.delenv("DOCKER_HOST", raising=False)
    with engine.docker(tmp_path) as started:
        assert "Server Version" in started("info")
        assert str(tmp_path) in Path("/proc/mounts").read_text()

    assert str(tmp_path) not in Path("/proc/mounts").read_text()
