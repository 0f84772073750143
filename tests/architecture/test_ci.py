"""`.ci/run` runs everything from anywhere, tells the times, and fails where a step fails."""

import os
import re
import shutil
import subprocess

import pytest

EVERYWHERE = ["setup", "check", "test", "test-cluster", "faults", "chart"]
WHERE_POSSIBLE = ["images", "test-images", "test-compose", "test-kubernetes"]
STEPS = [*EVERYWHERE, *WHERE_POSSIBLE]
CHECKS = {
    "images": ["tools.images build"],
    "test-images": ["tools.images build"],
    "test-compose": ["tools.images build", "tools.compose check"],
    "test-kubernetes": ["tools.kubernetes check", "tools.images build"],
}


@pytest.fixture
def run(root, tmp_path):
    """Run a copy of the script with stubs: a make that fails at one step, a Python that tells what can be made here."""

    def start(failing="", possible=0, check=""):
        project, stubs = tmp_path / "project", tmp_path / "stubs"
        for folder in (project / ".ci", project / ".venv" / "bin", stubs):
            folder.mkdir(parents=True)
        shutil.copy(root / ".ci" / "run", project / ".ci" / "run")
        write_program(stubs / "make", f'echo "$1 in $PWD"\n[ "$1" != "{failing}" ]')
        write_program(project / ".venv" / "bin" / "python", f'case "$*" in *"{check}"*) exit {possible} ;; esac')
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


def left_out(output):
    return [line for line in output.splitlines() if line.startswith("LEFT OUT")]


def test_every_step_runs_in_the_folder_of_the_project(run):
    finished = run()

    assert finished.returncode == 0
    assert steps(finished.stdout) == STEPS


def test_the_time_of_each_step_and_of_what_is_asked_before_it_is_told(run):
    times = run().stdout.partition("── time\n")[2].splitlines()

    told = [part for step in STEPS for part in (*CHECKS.get(step, ()), f"make {step}")]
    assert [line.partition(" s  ")[2] for line in times] == [*told, "in all"]


@pytest.mark.parametrize("code", [69, 75])
def test_what_this_machine_cannot_do_is_left_out_in_sight(run, code):
    finished = run(possible=code)

    assert (finished.returncode, steps(finished.stdout)) == (0, EVERYWHERE)
    assert left_out(finished.stdout) == [f"LEFT OUT  make {step}" for step in WHERE_POSSIBLE]


@pytest.mark.parametrize(
    ("check", "impossible"),
    [
        ("tools.images build", WHERE_POSSIBLE),
        ("tools.compose check", ["test-compose"]),
        ("tools.kubernetes check", ["test-kubernetes"]),
    ],
)
def test_all_that_needs_what_cannot_be_had_is_left_out(run, check, impossible):
    finished = run(possible=69, check=check)

    assert finished.returncode == 0
    assert left_out(finished.stdout) == [f"LEFT OUT  make {step}" for step in impossible]


def test_what_should_be_possible_and_fails_is_no_reason_to_leave_it_out(run):
    finished = run(possible=1)

    assert (finished.returncode, steps(finished.stdout)) == (1, EVERYWHERE)


@pytest.mark.parametrize("step", STEPS)
def test_a_failing_step_is_the_last_and_fails_the_run(run, step):
    finished = run(failing=step)

    assert finished.returncode == 1
    assert steps(finished.stdout)[-1] == step
