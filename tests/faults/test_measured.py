"""What tests measured is printed at the end."""

import subprocess
import sys
from pathlib import Path

from aktenfluss.testkit import PATIENCE_SECONDS

ROOT = Path(__file__).parents[2]
TEST = "def test_something(measured):\n    measured('F0: 7 s')\n"


def test_what_was_measured_is_printed_also_where_all_passes_and_two_share_the_tests(tmp_path: Path) -> None:
    (tmp_path / "test_something.py").write_text(TEST)
    command = [sys.executable, "-m", "pytest", "-q", "-n", "2", "-p", "tests.conftest", "-p", "no:cacheprovider"]
    command += ["-c", str(ROOT / "pyproject.toml"), str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=PATIENCE_SECONDS)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines().count("F0: 7 s") == 1
