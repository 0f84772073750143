"""A release that was recorded is taken from its commit, where there is one."""

import os

import pytest
from tools.images import released, store


@pytest.fixture
def places(tmp_path, monkeypatch):
    monkeypatch.setenv("AKTENFLUSS_IMAGES_CACHE", str(tmp_path))
    return store.folder() / "releases"


def test_a_commit_that_this_clone_does_not_have_is_told(places):
    assert released.released("0" * 40) is None
    assert not places.exists()


def test_what_was_built_is_taken_again(places):
    commit = released.commit_of("HEAD")
    (places / commit / "tree").mkdir(parents=True)
    assert released.released("HEAD") == places / commit


def test_two_releases_are_kept(places):
    for moment, name in enumerate(("first", "second", "third")):
        (places / name).mkdir(parents=True)
        os.utime(places / name, (moment, moment))
    (places / ".lock").touch()

    released.forget_older(places)

    assert sorted(path.name for path in places.iterdir()) == [".lock", "second", "third"]


def test_what_a_killed_build_left_is_no_release(places):
    for moment, name in enumerate(("first", "second", ".third-killed")):
        (places / name).mkdir(parents=True)
        os.utime(places / name, (moment, moment))

    released.forget_older(places)

    assert sorted(path.name for path in places.iterdir()) == ["first", "second"]
