"""The tutorial, run as it is written."""

import os
import re
import shutil
import signal
import subprocess
from pathlib import Path

import pytest
from tools.servers import free_port

from aktenfluss.testkit import PATIENCE_SECONDS

from .conftest import OF_A_PROVIDER, ONE_PROCESS

ROOT = Path(__file__).resolve().parents[2]
BLOCK = re.compile(r"^```bash\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def script(page, started=""):
    """Return the commands of the page; where an installation is `started` already, without those that start and stop one."""
    blocks = BLOCK.findall(page.read_text())
    if started:
        blocks = [started, *blocks[1:-1]]
    return "set -euo pipefail\n" + "\n".join(
        f"echo '### block {number}'\n{text}" for number, text in enumerate(blocks, 1)
    )


@pytest.fixture
def installation(request):
    """Give what the shell is to know of an installation that runs already, and the block that enters it."""
    if ONE_PROCESS:
        return {"PORT": str(free_port())}, ""
    if OF_A_PROVIDER:
        pytest.skip("the tutorial makes its tokens with the embedded issuer")
    door = request.getfixturevalue("door")
    known = {"DATA_FOLDER": str(door.data), "AKTENFLUSS_URL": door.base_url}
    return {
        **getattr(door, "settings", os.environ),
        **known,
    }, 'export PATH="$PWD/.venv/bin:$PATH"\ncd "$(mktemp --directory)"'


@pytest.fixture
def told(data_folder, installation):
    """Run every block in one shell, and end what it left running."""
    known, started = installation
    # Its own folders, the system's programs, and nothing else of whoever runs the tests.
    environment = {"PATH": os.defpath, "HOME": str(data_folder), "TMPDIR": str(data_folder), **known}
    shell = subprocess.Popen(
        ["bash", "-c", script(ROOT / "docs" / "tutorial.md", started)],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        output, _ = shell.communicate(timeout=PATIENCE_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(shell.pid, signal.SIGTERM)
        output, _ = shell.communicate(timeout=PATIENCE_SECONDS)
    logs = "".join(log.read_text() for log in data_folder.rglob("serve.log"))
    return shell.returncode, output, logs


@pytest.mark.skipif(shutil.which("curl") is None, reason="the tutorial needs curl")
def test_every_command_of_the_tutorial_works(told):
    code, output, logs = told

    assert code == 0, f"{output[-4000:]}\n{logs[-4000:]}"
    told_in_order = [
        '"summary":{"lines":3,"created":2,"updated":0,"unchanged":0,"rejected":1}',
        "done, nothing was found",
        '"transferred": 0, "skipped": 4',
        '"listed":2,"filed":2,"accepted":0,"rejected":0,"missing":0',
        '"family_name":"Nguyễn"',
        "PNG (",
        "%PDF-1.",
        '"slug":"unauthenticated"',
        "de.aktenfluss.cases.grant-issued.v1",
        "The audit log is sound.",
        " sound, 0 missing, 0 changed.",
    ]
    assert re.search(".*".join(re.escape(line) for line in told_in_order), output, re.DOTALL), output
    assert "4 contents: 4 sound" in output or not ONE_PROCESS
