"""Which builds are the same, which stay, and what they are called."""

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest
from tools.images.product import (
    SERVICES,
    STALE_SECONDS,
    Built,
    Release,
    forget_older,
    forget_stale,
    key_of,
    left_out_of,
    member_of,
    place_of,
    source_files,
)
from tools.images.store import ROOT

RELEASE = Release("registry.example.org/akten", "1.2.3", "f" * 40, 1_700_000_000)


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("AKTENFLUSS_IMAGES_CACHE", str(tmp_path))
    return tmp_path


@pytest.fixture
def base(cache):
    (cache / "base-x").mkdir()
    (cache / "base-x" / "packages").write_text("libc6=2.41\n")
    return cache / "base-x"


def test_every_member_that_runs_has_an_image():
    assert {path.parent.name for path in ROOT.glob("*/*/src/aktenfluss/*/__main__.py")} == set(map(member_of, SERVICES))


def test_the_engine_of_recognition_is_in_one_image_alone():
    assert [service for service in SERVICES if left_out_of(service)] == ["documents"]
    assert [service for service in SERVICES if member_of(service) != service] == ["documents-ocr"]


def test_an_image_is_called_as_the_chart_asks_for_it():
    assert RELEASE.name("documents") == "registry.example.org/akten/aktenfluss-documents:1.2.3"


@pytest.mark.parametrize("change", [{"version": "1.2.4"}, {"registry": "localhost"}, {"epoch": 1}, {"revision": "a"}])
def test_another_release_is_another_build(base, change):
    assert key_of(RELEASE, base) != key_of(replace(RELEASE, **change), base)


def test_other_packages_of_the_base_are_another_build(base):
    before = key_of(RELEASE, base)
    (base / "packages").write_text("libc6=2.42\n")

    assert key_of(RELEASE, base) != before


def test_tests_do_not_count_as_sources():
    files = [file.relative_to(ROOT) for file in source_files()]

    assert Path("uv.lock") in files
    assert [file for file in files if "tests" in file.parts] == []


def test_the_newest_builds_stay(cache):
    for age, key in enumerate(["newest", "newer", "new", "old", "oldest"]):
        place = place_of("audit", key)
        place.mkdir(parents=True)
        Built("audit", key, "sha256:0", 1, 2, str(place)).save(place)
        os.utime(place / "image.json", (1000 - age, 1000 - age))

    forget_older("audit")

    assert sorted(path.name for path in (cache / "audit").iterdir()) == ["new", "newer", "newest"]
    assert Built.find("audit", "new") == Built("audit", "new", "sha256:0", 1, 2, str(place_of("audit", "new")))
    assert Built.find("audit", "old") is None


def test_layers_and_bases_of_long_ago_go_but_not_the_base_in_use(cache, base):
    (cache / "layers").mkdir()
    for path in (cache / "layers" / "old.json", cache / "layers" / "new.json"):
        path.write_text(json.dumps({}))
        path.with_suffix(".tar.gz").touch()
    (cache / "base-old").mkdir()
    for path in (cache / "layers" / "old.json", cache / "base-old", base):
        os.utime(path, (path.stat().st_mtime - STALE_SECONDS - 60,) * 2)

    forget_stale(keep=base)

    assert sorted(path.name for path in (cache / "layers").iterdir()) == ["new.json", "new.tar.gz"]
    assert sorted(path.name for path in cache.glob("base-*")) == ["base-x"]
