"""What `aktenfluss doctor` tells an operator and a program."""

import json
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console
from typer.testing import CliRunner, Result

from aktenfluss.servicekit import Finding, Outcome
from aktenfluss.standalone.cli import app
from aktenfluss.standalone.commands.doctor import table_of


def doctor(folder: Path, *options: str) -> Result:
    return CliRunner().invoke(app, ["doctor", "--data", str(folder), *options], catch_exceptions=False)


@pytest.fixture
def installed(data_folder: Path) -> Path:
    assert CliRunner().invoke(app, ["migrate", "--data", str(data_folder)]).exit_code == 0
    return data_folder


def test_a_sound_installation_exits_with_0_and_tells_every_check(installed: Path) -> None:
    result = doctor(installed)
    assert result.exit_code == 0, result.output
    for name in ("database cases", "rights audit", "schema scans", "work documents", "store", "own key", "clock"):
        assert name in result.output


def test_a_program_reads_the_same_as_json(installed: Path) -> None:
    result = doctor(installed, "--json")
    told = json.loads(result.output)
    # What the machine of the tests gives may be worth a warning.
    assert (result.exit_code, told["outcome"] in ("ok", "warning")) == (0, True)
    assert {"name": "rights cases", "outcome": "ok", "seen": "the role owns nothing, row-level security is on", "way_out": ""} in (
        told["findings"]
    )  # fmt: skip


def test_a_failure_exits_with_1_and_says_what_to_do(data_folder: Path) -> None:
    result = doctor(data_folder / "nothing", "--json")
    [finding] = json.loads(result.output)["findings"]
    assert (result.exit_code, finding["outcome"]) == (1, "failure")
    assert finding["way_out"] == "Name its folder with --data; `aktenfluss serve` makes a new one."
    assert not (data_folder / "nothing").exists()


def test_brackets_are_shown_as_they_are() -> None:
    console = Console(width=120, record=True, file=StringIO())
    console.print(table_of([Finding("store", Outcome.FAILURE, "at [::1]:9000", "Start [it].")]))
    told = console.export_text()
    assert "at [::1]:9000" in told
    assert "Start [it]." in told
