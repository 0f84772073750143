"""The tutorial, run as it is written."""

import os
import re
import shutil
import signal
import socket
import subprocess
from contextlib import suppress
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BLOCK = re.compile(r"^```bash\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def script(page):
    blocks = BLOCK.findall(page.read_text())
    return "set -euo pipefail\n" + "\n".join(
        f"echo '### block {number}'\n{text}" for number, text in enumerate(blocks, 1)
    )


@pytest.fixture
def told(tmp_path):
    """Run every block in one shell, and end what it left running."""
    # Its own folders, the system's programs, and nothing else of whoever runs the tests.
    environment = {"PATH": os.defpath, "HOME": str(tmp_path), "TMPDIR": str(tmp_path), "PORT": str(free_port())}
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
        output, _ = shell.communicate(timeout=180)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(shell.pid, signal.SIGKILL)
    logs = "".join(log.read_text() for log in tmp_path.rglob("serve.log"))
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
    ]
    assert re.search(".*".join(re.escape(line) for line in told_in_order), output, re.DOTALL), output
