"""The play on a real server: every number is as planned, and what is in its way is told."""

import asyncio
from dataclasses import replace
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from rich.console import Console
from tools.servers import free_port

from aktenfluss.standalone.commands.demonstration import demo_tokens
from aktenfluss.standalone.commands.serving import served
from aktenfluss.standalone.demo import Stage, make_plan, play
from aktenfluss.standalone.demo.office import RefusedError
from aktenfluss.standalone.settings import StandaloneSettings

PLAN = make_plan(3, 9)


@pytest.fixture(scope="module")
async def stage():
    with TemporaryDirectory(prefix="aktenfluss-") as name:
        folder = Path(name)
        settings = StandaloneSettings(data_folder=folder / "data", port=free_port(), log_level="error")
        async with served(settings) as household:
            tokens = demo_tokens(household.installation.issuer)
            console = Console(file=StringIO(), width=200)
            yield Stage(f"http://127.0.0.1:{settings.port}", tokens, folder, PLAN, console)


@pytest.fixture(scope="module")
async def outcome(stage):
    return await play(stage)


def test_every_number_is_as_planned(outcome):
    assert outcome.deviations == []
    assert outcome.as_planned


def test_the_figures_tell_what_was_filed(outcome):
    found = {figure.name: figure.found for figure in outcome.figures}
    assert found["case files filed"] == 3
    assert found["documents"] == PLAN.documents
    assert found["pages"] == PLAN.pages


@pytest.mark.usefixtures("outcome")
def test_the_audience_sees_faults_balances_and_requests(stage):
    seen = stage.console.file.getvalue()
    for word in ("pdf-unreadable", "content-missing", "unknown-item", "3 = 1 + 0 + 2", "3 = 3 + 0 + 0", "curl -fsS"):
        assert word in seen


async def test_a_refusal_is_quoted(stage):
    intruder = replace(stage, tokens=replace(stage.tokens, records_manager="forged"))
    with pytest.raises(RefusedError, match=r"POST /v1/case-files:import: 401 .*unauthenticated"):
        await play(intruder)


async def test_the_play_ends_with_its_server(stage):
    stop = asyncio.Event()
    stop.set()
    with pytest.raises(KeyboardInterrupt):
        await play(stage, stop)
