"""`.ci/run` runs everything from anywhere, tells the times, and fails where a step fails."""

import os
import re
import shutil
import subprocess

import pytest

EVERYWHERE = ["setup", "check", "test", "test-cluster", "faults", "chart"]
WHERE_POSSIBLE = ["images", "test-images", "test-compose", "test-kubernetes"]
STEPS = [*EVERYWHERE, *WHERE_POSSIBLE]


@pytest.fixture
def run(root, tmp_path):
    """Run a copy of the script with stubs: a make that fails at one step, a Python that tells what can be made here."""

    def start(failing="", possible=0):
        project, stubs = tmp_path / "project", tmp_path / "stubs"
        for folder in (project / ".ci", project / ".venv" / "bin", stubs):
            folder.mkdir(parents=True)
        shutil.copy(root / ".ci" / "run", project / ".ci" / "run")
        write_program(stubs / "make", f'echo "$1 in $PWD"\n[ "$1" != "{failing}" ]')
        write_program(project / ".venv" / "bin" / "python", f"exit {possible}")
        return subprocess.run(
            [project / ".ci" / "run"],
            cwd="/",
            env={"PATH": f"{stubs}:{os.defpath}"},
            capture_output=True,
            text=True,
            check=False,
        )

    return start


def write_program(path, script):
    path.write_text(f"#!/bin/bash\n{script}\n")
    path.chmod(0o755)


def steps(output):
    return re.findall(r"^([\w-]+) in .*/project$", output, re.MULTILINE)


def test_every_step_runs_in_the_folder_of_the_project(run):
    finished = run()

    assert finished.returncode == 0
    assert steps(finished.stdout) == STEPS


def test_the_time_of_each_step_is_told(run):
    times = run().stdout.partition("── time\n")[2].splitlines()

    assert [line.partition(" s  ")[2] for line in times] == [*(f"make {step}" for step in STEPS), "in all"]


@pytest.mark.parametrize("code", [69, 75])
def test_what_this_machine_cannot_do_is_left_out_in_sight(run, code):
    finished = run(possible=code)

    assert (finished.returncode, steps(finished.stdout)) == (0, EVERYWHERE)
    assert [line for line in finished.stdout.splitlines() if line.startswith("LEFT OUT")] == [
        f"LEFT OUT  make {step}" for step in WHERE_POSSIBLE
    ]


def test_what_should_be_possible_and_fails_is_no_reason_to_leave_it_out(run):
    finished = run(possible=1)

    assert (finished.returncode, steps(finished.stdout)) == (1, EVERYWHERE)


@pytest.mark.parametrize("step", STEPS)
def test_a_failing_step_is_the_last_and_fails_the_run(run, step):
    finished = run(failing=step)

    assert finished.returncode == 1
    assert steps(finished.stdout)[-1] == step
