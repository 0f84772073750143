"""`.ci/run` runs everything from anywhere, tells the times, and fails where a step fails."""

import os
import re
import shutil
import subprocess

import pytest


@pytest.fixture
def run(root, tmp_path):
    """Run a copy of the script with a stub of make that fails at one step."""

    def start(failing=""):
        project, stubs = tmp_path / "project", tmp_path / "stubs"
        (project / ".ci").mkdir(parents=True)
        stubs.mkdir()
        shutil.copy(root / ".ci" / "run", project / ".ci" / "run")
        (stubs / "make").write_text(f'#!/bin/bash\necho "$1 in $PWD"\n[ "$1" != "{failing}" ]\n')
        (stubs / "make").chmod(0o755)
        return subprocess.run(
            [project / ".ci" / "run"],
            cwd="/",
            env={"PATH": f"{stubs}:{os.defpath}"},
            capture_output=True,
            text=True,
            check=False,
        )

    return start


def steps(output):
    return re.findall(r"^([\w-]+) in .*/project$", output, re.MULTILINE)


def test_every_step_runs_in_the_folder_of_the_project(run):
    finished = run()

    assert finished.returncode == 0
    assert steps(finished.stdout) == ["setup", "check", "test", "test-cluster", "faults"]


def test_the_time_of_each_step_is_told(run):
    times = run().stdout.partition("── time\n")[2].splitlines()

    told = ["make setup", "make check", "make test", "make test-cluster", "make faults", "in all"]
    assert [line.partition(" s  ")[2] for line in times] == told


@pytest.mark.parametrize("step", ["setup", "check", "test", "test-cluster", "faults"])
def test_a_failing_step_is_the_last_and_fails_the_run(run, step):
    finished = run(failing=step)

    assert finished.returncode == 1
    assert steps(finished.stdout)[-1] == step
