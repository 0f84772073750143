"""The page about faults names the failpoints, bugs and tests that there are."""

import ast
import re
from pathlib import Path

import pytest

from .failpoints import FAILPOINTS
from .planted import PLANTED

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "faults.md").read_text()
ROWS = re.findall(r"^\| (F\d+) .+? \| (.+) \|$", PAGE, re.MULTILINE)


def section(title: str) -> str:
    return PAGE.partition(f"## {title}\n")[2].partition("\n## ")[0]


def test_every_failpoint_is_listed() -> None:
    assert re.findall(r"`([a-z_]+)`", section("Failpoints")) == list(FAILPOINTS)


def test_every_planted_bug_is_listed() -> None:
    assert re.findall(r"^\| `([a-z-]+)` \|", section("Planted bugs"), re.MULTILINE) == list(PLANTED)


def test_the_matrix_is_whole() -> None:
    assert [row for row, _ in ROWS] == [f"F{number}" for number in (*range(1, 9), 11, 12, 13, 14)]


@pytest.mark.parametrize(("row", "tests"), ROWS)
def test_every_test_of_a_row_exists(row, tests) -> None:
    for place in re.findall(r"`([^`]+)`", tests):
        path, _, function = place.partition("::")
        named = {getattr(node, "name", "") for node in ast.walk(ast.parse((ROOT / path).read_text()))}
        assert function in named, f"{row}: {place}"
