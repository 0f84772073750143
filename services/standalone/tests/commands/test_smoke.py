"""The smoke test, as an operator runs it at an installation."""

import asyncio
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from tools.servers import free_port
from typer.testing import CliRunner, Result

from aktenfluss.standalone.cli import app
from aktenfluss.standalone.commands.serving import served
from aktenfluss.standalone.settings import StandaloneSettings


@pytest.fixture(scope="module")
async def installation():
    with TemporaryDirectory(prefix="aktenfluss-") as name:
        settings = StandaloneSettings(data_folder=Path(name), port=free_port(), log_level="error")
        async with served(settings):
            yield settings


async def smoke(url: str, data: Path) -> Result:
    return await asyncio.to_thread(CliRunner().invoke, app, ["smoke", url, "--data", str(data)])


async def test_an_installation_passes_as_often_as_it_is_tried(installation):
    url = f"http://127.0.0.1:{installation.port}"
    for _ in range(2):
        result = await smoke(url, installation.data_folder)
        assert result.exit_code == 0, result.output
        assert "NOT as planned" not in result.output


async def test_an_installation_that_does_not_trust_the_key_fails(installation, tmp_path):
    result = await smoke(f"http://127.0.0.1:{installation.port}", tmp_path)
    assert result.exit_code == 1
    assert "401" in result.output


async def test_a_door_that_does_not_answer_fails(installation):
    result = await smoke(f"http://127.0.0.1:{free_port()}", installation.data_folder)
    assert result.exit_code == 1
    assert "ConnectError" in result.output
