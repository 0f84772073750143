"""The page about bad input names tests, problems and rules that there are, and every kind that is tried at the door."""

import ast
import re
from pathlib import Path

import pytest

from aktenfluss.delivery import Rule
from aktenfluss.scans.domain.rules import Rule as ScanRule

from .refusals import refusals
from .test_bad_input import EVIL

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "bad-input.md"
ROW = re.compile(r"^\| (?P<kind>[^|]+?) \| (?P<answer>[^|]+) \| (?P<tests>[^|]+) \|$", re.MULTILINE)
ROWS = {row["kind"]: row for row in ROW.finditer(PAGE.read_text()) if row["kind"] not in ("Bad input", "---")}


@pytest.mark.parametrize("kind", ROWS)
def test_every_test_that_is_named_exists(kind):
    named = re.findall(r"`([^`]+)`", ROWS[kind]["tests"])

    assert named
    for test in named:
        path, _, function = test.partition("::")
        tree = ast.parse((ROOT / path).read_text())
        assert function in {
            node.name for node in ast.walk(tree) if isinstance(node, ast.AsyncFunctionDef | ast.FunctionDef)
        }


@pytest.mark.parametrize("kind", ROWS)
def test_every_answer_that_is_named_exists(kind):
    problems = re.findall(r"\]\((problems/[a-z-]+\.md)\)", ROWS[kind]["answer"])
    rules = re.findall(r"rule `([a-z0-9-]+)`", ROWS[kind]["answer"])

    assert problems + rules
    assert all((PAGE.parent / problem).is_file() for problem in problems)
    assert set(rules) <= {rule.value for rule in Rule} | {rule.value for rule in ScanRule}


async def test_every_kind_that_is_tried_at_the_door_is_on_the_page(job):
    assert set(ROWS) >= {*refusals(job), *EVIL}
