"""`make setup` finds its Python and its uv wherever they are, and says so where they are not."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

NEW, OLD = 0, 1
"""What a stub of Python answers when it is asked whether it is new enough."""


def executable(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/bash\n{text}\n")
    path.chmod(0o755)


@pytest.fixture
def tree(root, tmp_path):
    """Return an empty project with the script in it."""
    script = tmp_path / "project" / "scripts" / "setup"
    script.parent.mkdir(parents=True)
    shutil.copy(root / "scripts" / "setup", script)
    return tmp_path


@pytest.fixture
def python(tree):
    """Put a stub of a Python there: it knows its age and its own path, and makes a venv whose pip brings a stub of uv."""

    def put(place, age=NEW):
        executable(
            tree / place,
            f"""
            case "$*" in
            *3,\\ 12*) exit {age} ;;
            *ensurepip*) exit 0 ;;
            *sys.executable*) echo "$0" ;;
            --version) echo "Python of a test" ;;
            "-m venv"*) mkdir -p .uv/bin && cp "$0" .uv/bin/python ;;
            "-m pip"*) printf '#!/bin/bash\\necho "uv $@" >> log\\n' > .uv/bin/uv && chmod +x .uv/bin/uv ;;
            esac
            """,
        )

    return put


def set_up(tree):
    environment = {"PATH": f"{tree}/path:{os.defpath}", "HOME": str(tree), "PYENV_ROOT": str(tree / "pyenv")}
    # The machine's own Pythons are hidden behind old ones, unless a test puts others there.
    for name in ("python3", "python3.13", "python3.12"):
        if not (tree / "path" / name).exists():
            executable(tree / "path" / name, "exit 1")
    run = subprocess.run(
        [tree / "project" / "scripts" / "setup"], env=environment, capture_output=True, text=True, check=False
    )
    log = tree / "project" / "log"
    return run, log.read_text() if log.exists() else ""


@pytest.mark.parametrize(
    ("places", "found"),
    [
        (["path/python3", "path/python3.13"], "path/python3"),
        (["path/python3.12", "path/python3.13"], "path/python3.13"),
        (["path/python3.12", "pyenv/versions/3.13.0/bin/python3"], "path/python3.12"),
        (
            ["pyenv/versions/3.12.4/bin/python3", "pyenv/versions/3.13.0/bin/python3"],
            "pyenv/versions/3.13.0/bin/python3",
        ),
        (
            ["pyenv/versions/3.12.4/bin/python3", "pyenv/versions/3.12.11/bin/python3"],
            "pyenv/versions/3.12.11/bin/python3",
        ),
    ],
)
def test_the_first_python_that_is_new_enough_is_taken(tree, python, places, found):
    for place in places:
        python(place)
    run, log = set_up(tree)

    assert run.returncode == 0, run.stderr
    assert log == f"uv sync --quiet --frozen --no-python-downloads --python {tree / found}\n"


def test_a_python_that_is_too_old_still_brings_uv_which_fetches_a_new_one(tree, python):
    python("path/python3", OLD)
    run, log = set_up(tree)

    assert "no Python 3.12 or newer found" in run.stdout
    assert log == "uv sync --quiet --frozen --managed-python --python 3.13\n"


def test_without_any_python_the_way_out_is_told(tree):
    run, _ = set_up(tree)

    assert run.returncode == 1
    assert "Install Python 3.12 or newer" in run.stderr


def test_a_uv_that_is_there_is_used(tree, python):
    python("path/python3")
    executable(tree / "path" / "uv", 'echo "the uv of the machine $@" >> log')
    _, log = set_up(tree)

    assert log.startswith("the uv of the machine sync")
    assert not (tree / "project" / ".uv" / "bin").exists()


def test_where_nothing_can_be_fetched_the_way_out_is_told(tree):
    executable(tree / "path" / "uv", "exit 2")
    run, _ = set_up(tree)

    assert run.returncode == 1
    assert "uv could not fetch Python" in run.stderr
