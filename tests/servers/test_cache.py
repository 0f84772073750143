"""A server is built once, whole or not at all, and taken ready-built where there is one."""

import lzma
from concurrent.futures import ThreadPoolExecutor

import pytest
from tools.servers import ServerError
from tools.servers.cache import cache_folder, cached, go_program, run


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("AKTENFLUSS_SERVERS_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def ready(tmp_path, monkeypatch):
    """Give a folder of ready-built programs."""
    monkeypatch.setenv("AKTENFLUSS_SERVERS_READY", str(tmp_path))
    return tmp_path


def test_what_is_built_once_is_not_built_again(cache):
    built = []

    def build(folder):
        built.append(folder)
        (folder / "program").write_text("it")

    folders = {cached("box-1", build), cached("box-1", build)}

    assert folders == {cache / "box-1"}
    assert (len(built), (cache / "box-1/program").read_text()) == (1, "it")


def test_of_several_at_once_one_builds():
    built = []
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: cached("box-1", built.append), range(4)))

    assert len(built) == 1


def test_another_version_is_built_beside_it(cache):
    cached("box-1", lambda folder: None)
    cached("box-2", lambda folder: None)

    assert sorted(path.name for path in cache.glob("box-*")) == ["box-1", "box-2"]


def test_a_build_that_fails_leaves_nothing_that_counts(cache):
    def fail(folder):
        (folder / "half").write_text("")
        raise ServerError("no network")

    with pytest.raises(ServerError):
        cached("box-1", fail)

    assert [path.name for path in cache.iterdir()] == [".box-1.lock"]


def test_a_registry_that_is_busy_for_a_moment_is_asked_again(cache):
    answers = iter(["503 busy", ""])

    def fetch(folder):
        if trouble := next(answers):
            raise ServerError(trouble)

    assert cached("box-1", fetch) == cache / "box-1"


def test_a_ready_built_program_is_unpacked(ready):
    (ready / "box.xz").write_bytes(lzma.compress(b"#!/bin/sh\necho box $1\n"))

    program = go_program("box", "nowhere.invalid/box", "v1")

    assert run(program, "--version") == "box --version\n"
    assert program == cache_folder() / "box-v1" / "box"


def test_a_ready_built_program_that_does_not_run_is_not_kept(ready, cache):
    (ready / "box.xz").write_bytes(lzma.compress(b"#!/bin/sh\necho wrong machine >&2\nexit 1\n"))

    with pytest.raises(ServerError, match="wrong machine"):
        go_program("box", "nowhere.invalid/box", "v1")

    assert not (cache / "box-v1").exists()


def test_a_missing_program_is_named_with_a_way_out():
    with pytest.raises(ServerError, match=r"no-such-program is not installed\n\nWay out: "):
        run("no-such-program")
