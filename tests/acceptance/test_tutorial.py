"""The tutorial, run as it is written."""

import os
import re
import shutil
import signal
import subprocess
from pathlib import Path

import pytest

from .door import free_port

ROOT = Path(__file__).resolve().parents[2]
BLOCK = re.compile(r"^```bash\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def script(page):
    blocks = BLOCK.findall(page.read_text())
    return "set -euo pipefail\n" + "\n".join(
        f"echo '### block {number}'\n{text}" for number, text in enumerate(blocks, 1)
    )


@pytest.fixture
def told(data_folder):
    """Run every block in one shell, and end what it left running."""
    # Its own folders, the system's programs, and nothing else of whoever runs the tests.
    environment = {
        "PATH": os.defpath,
        "HOME": str(data_folder),
        "TMPDIR": str(data_folder),
        "PORT": str(free_port()),
    }
    shell = subprocess.Popen(
        ["bash", "-c", script(ROOT / "docs" / "tutorial.md")],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        output, _ = shell.communicate(timeout=120)
    except subprocess.TimeoutExpired:
        os.killpg(shell.pid, signal.SIGTERM)
        output, _ = shell.communicate(timeout=20)
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
        "4 contents: 4 sound, 0 missing, 0 changed.",
    ]
    assert re.search(".*".join(re.escape(line) for line in told_in_order), output, re.DOTALL), output
