"""Child processes on a machine that lets them go, keeps them at its network, or gives none."""

import json
import subprocess
import sys
from pathlib import Path

from aktenfluss.servicekit import Outcome
from aktenfluss.servicekit.checkup.children import children

WITHOUT_NAMESPACES = Path(__file__).parents[1] / "sandbox" / "without_namespaces.py"
PROBE = """
import asyncio, json
from aktenfluss.servicekit.checkup.children import children
finding = asyncio.run(children())
print(json.dumps([finding.outcome, finding.seen]))
"""


def test_children_that_keep_the_network_are_a_warning():
    command = [sys.executable, str(WITHOUT_NAMESPACES), "-c", PROBE]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    assert json.loads(done.stdout) == ["warning", "they keep the network"]


async def test_children_that_do_not_start_are_a_failure(monkeypatch):
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    finding = await children()
    assert (finding.outcome, "/nowhere/python" in finding.seen) == (Outcome.FAILURE, True)
