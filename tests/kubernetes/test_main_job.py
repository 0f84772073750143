"""The product installed by its chart does the main job through the gateway."""

import os
import subprocess
import sys

import pytest

from .installation import Installation

pytestmark = pytest.mark.kubernetes


def test_the_acceptance_suite_passes_through_the_gateway(installation: Installation) -> None:
    where = {"BASE_URL": installation.base_url, "DATA_FOLDER": str(installation.folder)}
    command = [sys.executable, "-m", "pytest", "-q", "tests/acceptance"]
    environment = os.environ | installation.settings | where
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout[-5000:]


def test_helm_test_plays_the_main_job(installation: Installation) -> None:
    told = installation.release.test()

    assert "NOT as planned" not in told
    assert "Succeeded" in told
