"""Does what a page of the documentation says, in a folder like the repository's, on the cluster of the tests."""

import os
import subprocess
from pathlib import Path

from tools.chart.programs import helm_4
from tools.kubernetes import Cluster
from tools.kubernetes.programs import kubebox
from tools.servers.cache import ROOT

from .release import NAMESPACE

BLOCK_SECONDS = 960
"""The most that a block may take: some roll every pod, one workload after the other, and helm waits for 15 minutes itself."""
JOBS = "app.kubernetes.io/component in (backup, restore, doctor, scrub, audit)"


class Operator:
    """Somebody at a shell, whose `kubectl` and `helm` are those of the tests."""

    def __init__(self, folder: Path, cluster: Cluster) -> None:
        self.folder = folder
        self._cluster = cluster
        (folder / "deploy").mkdir()
        (folder / "deploy" / "helm").symlink_to(ROOT / "deploy" / "helm")
        self._programs = folder / "bin"
        self._programs.mkdir()
        (self._programs / "helm").symlink_to(helm_4())
        kubectl = self._programs / "kubectl"
        kubectl.write_text(f'#!/bin/sh\nexec {kubebox()} kubectl "$@"\n')
        kubectl.chmod(0o755)

    def run(self, block: str) -> str:
        """Run a block of the documentation and return what it printed; raises AssertionError where a command fails."""
        environment = {
            "PATH": f"{self._programs}:{os.defpath}",
            "HOME": str(self.folder),
            "KUBECONFIG": str(self._cluster.configuration),
        }
        done = subprocess.run(
            ["timeout", str(BLOCK_SECONDS), "bash", "-c", f"set -euo pipefail\n{block}"],
            cwd=self.folder,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{block}\n{done.stdout}\n{self._log()}"
        return done.stdout

    def _log(self) -> str:
        return self._cluster.kubectl(f"--namespace={NAMESPACE}", "logs", f"--selector={JOBS}", "--ignore-errors")
