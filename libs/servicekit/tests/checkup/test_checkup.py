"""The whole check-up of an installation in one folder, running or not."""

from pathlib import Path

import pytest

from aktenfluss.kernel import SystemClock
from aktenfluss.servicekit import Outcome, ServiceSettings, check_up, open_installation, worst
from aktenfluss.testkit import FixedClock

SCRATCH = {"scratch": Path(__file__).parents[1] / "scratch_migrations"}


@pytest.fixture
async def settings(data_folder):
    """Give the settings of an installation that was prepared and does not run."""
    settings = ServiceSettings(data_folder=data_folder)
    async with open_installation(settings) as installation:
        await installation.prepare(SCRATCH)
    return settings


def failures(findings) -> dict[str, str]:
    return {finding.name: finding.way_out for finding in findings if finding.outcome is Outcome.FAILURE}


async def test_one_that_was_prepared_is_sound_and_stays_as_it_is(settings):
    before = sorted((settings.data_folder / "objects").rglob("*.*"))
    findings = await check_up(settings, SCRATCH)
    assert failures(findings) == {}
    assert {"database scratch", "schema bus", "connections", "store", "own key", "clock"} <= {
        one.name for one in findings
    }
    assert sorted((settings.data_folder / "objects").rglob("*.*")) == before


async def test_one_that_runs_is_looked_at_beside_it(settings):
    async with open_installation(settings):
        assert failures(await check_up(settings, SCRATCH)) == {}


async def test_a_clock_that_is_wrong_is_a_failure(settings):
    clock = FixedClock(SystemClock().now())
    clock.advance(-600)
    assert list(failures(await check_up(settings, SCRATCH, clock))) == ["clock"]


async def test_a_schema_that_was_never_migrated_says_what_to_run(settings):
    assert (
        failures(await check_up(settings, {"other": SCRATCH["scratch"]}))["schema other"] == "Run `aktenfluss migrate`."
    )


async def test_an_empty_folder_is_told_and_left_empty(data_folder):
    [finding] = await check_up(ServiceSettings(data_folder=data_folder), SCRATCH)
    assert (finding.outcome, finding.name) == (Outcome.FAILURE, "installation")
    assert list(data_folder.iterdir()) == []


async def test_a_key_that_others_can_read_is_a_failure(settings):
    (settings.data_folder / "keys" / "issuer.pem").chmod(0o644)
    [finding] = await check_up(settings, SCRATCH)
    assert (finding.name, "issuer.pem is readable by others" in finding.seen) == ("settings", True)


async def test_an_objects_folder_that_is_full_or_away_is_a_failure(settings):
    (settings.data_folder / "objects" / "check-up").write_text("in the way")
    assert list(failures(await check_up(settings, SCRATCH))) == ["store"]


def test_nothing_found_is_ok():
    assert worst([]) is Outcome.OK
