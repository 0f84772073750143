"""The test that `helm test` runs passes through the door of a cluster, with the keys and nothing else of the installation."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from .installation import Cluster


def test_the_smoke_test_plays_the_main_job_through_the_door(cluster: Cluster, tmp_path: Path) -> None:
    shutil.copytree(cluster.folder / "keys", tmp_path / "keys")
    command = [sys.executable, "-m", "aktenfluss.standalone", "smoke", cluster.base_url]
    environment = os.environ | {"DATA_FOLDER": str(tmp_path)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout + done.stderr
    assert "NOT as planned" not in done.stdout
