"""An operator goes back to the release before: its code serves on the schemas of the later one, with everything in them."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from scripts.schemas import PACKAGES, ROOT, releases
from tests.acceptance.contractor import Order
from tests.acceptance.door import Door
from tests.acceptance.test_backup import contents_of
from tests.acceptance.test_main_job import open_order, push_now, wait_for

from aktenfluss.servicekit import EmbeddedPostgres, OutdatedSchemaError, ServiceSettings
from aktenfluss.servicekit.database.databases import Databases
from aktenfluss.servicekit.migrations import migrate

from .next_release import next_release


@pytest.fixture
def door(data_folder: Path) -> Iterator[Door]:
    """Give an installation of this release, running."""
    door = Door(data_folder)
    door.start()
    yield door
    if door.runs:
        door.end()


def file_a_box(door: Door, folder: Path) -> tuple[Order, dict[str, object]]:
    """Bring two case files from the stock list to the screen, and return what a clerk finds."""
    order = open_order(door, 2)
    order.pack(folder, {item: [2, 1] for item in order.items})
    push_now(door, folder)
    wait_for(door, order, filed=2)
    return order, contents_of(door, order)


def migrate_to_next(data: Path, folder: Path) -> None:
    """Do what the Job of the next release does, beside the running services."""
    server = EmbeddedPostgres.start(data / "postgres")
    for name, package in PACKAGES.items():
        address = server.ensure_database(name)
        migrate(next_release(package, folder / name), address.owner_dsn, address.app_role)
    server.stop()


def operate(data: Path, *arguments: str, environment: Mapping[str, str] | None = None) -> str:
    """Run a command of this release and return what it printed."""
    command = [str(ROOT / ".venv/bin/aktenfluss"), *arguments, "--data", str(data)]
    done = subprocess.run(command, env=os.environ | (environment or {}), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_this_release_serves_on_the_schemas_of_the_next(door: Door, tmp_path: Path) -> None:
    order, before = file_a_box(door, tmp_path / "BOX-1")
    migrate_to_next(door.data, tmp_path / "next")
    file_a_box(door, tmp_path / "BOX-2")  # the pods that are not replaced yet
    assert door.end() == 0
    door.start()  # after the rollback
    assert contents_of(door, order) == before
    file_a_box(door, tmp_path / "BOX-3")
    assert "Every schema has what this release needs." in operate(door.data, "migrate")
    assert "The audit log is sound." in operate(door.data, "audit", "verify")
    assert "15 contents: 15 sound" in operate(door.data, "scrub")
    assert door.end() == 0


@pytest.mark.parametrize("name", PACKAGES)
def test_the_next_release_refuses_the_schema_of_this_one(data_folder: Path, tmp_path: Path, name: str) -> None:
    databases = Databases(ServiceSettings(data_folder=data_folder))
    package = next_release(PACKAGES[name], tmp_path / "next")
    try:
        databases.migrate(name, PACKAGES[name])
        with pytest.raises(OutdatedSchemaError, match=f"{name} is behind this release: run `aktenfluss migrate`"):
            databases.require_current(name, package)
        databases.migrate(name, package)
        databases.require_current(name, package)
        databases.require_current(name, PACKAGES[name])
    finally:
        databases.close()


@pytest.fixture(params=releases())
def code_of_a_release(request: pytest.FixtureRequest, tmp_path: Path) -> dict[str, str]:
    """Give the variable by which Python takes the code of a recorded release instead of this one's."""
    code = releases()[request.param].code
    folder = tmp_path / "release"
    folder.mkdir()
    archive = subprocess.run(["git", "archive", code, "libs", "services"], cwd=ROOT, capture_output=True, check=False)
    if archive.returncode:
        pytest.skip(f"this clone does not have {code}, the code of {request.param}")
    subprocess.run(["tar", "--extract", "--directory", folder], input=archive.stdout, check=True)
    environment = {"PYTHONPATH": os.pathsep.join(map(str, sorted(folder.glob("*/*/src"))))}
    for module in ("cases", "servicekit"):
        assert str(folder) in source_of(module, environment)
    return environment


def source_of(module: str, environment: Mapping[str, str]) -> str:
    command = [sys.executable, "-c", f"import aktenfluss.{module} as module; print(module.__file__)"]
    return subprocess.run(command, env=os.environ | environment, capture_output=True, text=True, check=True).stdout


def test_a_release_before_serves_on_the_schemas_of_this_one(
    code_of_a_release: Mapping[str, str], data_folder: Path, tmp_path: Path
) -> None:
    door = Door(data_folder)
    door.launch(code_of_a_release)
    door.wait_until_ready()
    order, before = file_a_box(door, tmp_path / "BOX-1")
    assert door.end() == 0
    door.start()  # the upgrade
    assert contents_of(door, order) == before
    later, after = file_a_box(door, tmp_path / "BOX-2")
    assert door.end() == 0
    door.launch(code_of_a_release)  # and back
    door.wait_until_ready()
    try:
        assert (contents_of(door, order), contents_of(door, later)) == (before, after)
        file_a_box(door, tmp_path / "BOX-3")
        assert "The audit log is sound." in operate(door.data, "audit", "verify")
    finally:
        assert door.end() == 0
