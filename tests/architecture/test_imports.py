"""The import contracts: each breaks when somebody breaks it."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

# A module that is planted, what it holds, and the contract that it must break.
PLANTED = {
    "services/cases/src/aktenfluss/cases/use_cases/planted_peer.py": ("import aktenfluss.scans", "House"),
    "services/audit/src/aktenfluss/audit/api/planted_lazy.py": ("def f(): import aktenfluss.cases", "House"),
    "libs/kernel/src/aktenfluss/kernel/planted.py": ("import aktenfluss.servicekit", "House"),
    "libs/delivery/src/aktenfluss/delivery/planted.py": ("import aktenfluss.servicekit", "Contractor"),
    "services/scans/src/aktenfluss/scans/api/planted_adapter.py": ("import aktenfluss.scans.adapters.tables", "Rooms"),
    "services/cases/src/aktenfluss/cases/domain/planted_up.py": ("import aktenfluss.cases.use_cases", "Rooms"),
    "services/documents/src/aktenfluss/documents/utils.py": ("", "Rooms"),
    "services/cases/src/aktenfluss/cases/domain/planted_sql.py": ("import sqlalchemy", "Pure core"),
    "services/scans/src/aktenfluss/scans/use_cases/planted_kit.py": ("import aktenfluss.servicekit", "Pure core"),
    "services/audit/src/aktenfluss/audit/adapters/planted_test.py": ("import aktenfluss.testkit", "Test kit"),
    "libs/servicekit/src/aktenfluss/servicekit/planted_a.py": ("from . import planted_b", "No cycles"),
    "libs/servicekit/src/aktenfluss/servicekit/planted_b.py": ("from . import planted_a", "No cycles"),
}
CONTRACTS = ("House", "Rooms", "Pure core", "Contractor", "Test kit", "No cycles")


def lint(tree: Path) -> dict[str, str]:
    """Return what import-linter says of each contract in `tree`: the verdict, then the places that break it."""
    sources = [str(path) for path in sorted([*tree.glob("libs/*/src"), *tree.glob("services/*/src")])]
    run = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache", "--config", tree / ".importlinter"],
        cwd=tree,
        env={"PYTHONPATH": ":".join(sources), "COLUMNS": "400"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Contracts" in run.stdout, run.stdout + run.stderr
    verdicts, _, reasons = run.stdout.partition("Broken contracts")
    return {name: verdict_of(name, verdicts) + section_of(name, reasons) for name in CONTRACTS}


def verdict_of(name: str, verdicts: str) -> str:
    return re.search(rf"^{name}[^\n]*(?:\n[^\n]+)*?(KEPT|BROKEN)", verdicts, re.MULTILINE)[1]


def section_of(name: str, reasons: str) -> str:
    found = re.search(rf"^{name}[^\n]*\n-+\n(.*?)(?=^\S[^\n]*\n-+\n|\Z)", reasons, re.MULTILINE | re.DOTALL)
    return found[1] if found else ""


@pytest.fixture(scope="module")
def broken(root, tmp_path_factory):
    tree = tmp_path_factory.mktemp("tree")
    shutil.copy(root / ".importlinter", tree)
    for folder in ("libs", "services"):
        shutil.copytree(root / folder, tree / folder, ignore=shutil.ignore_patterns("__pycache__", "tests"))
    for path, (text, _) in PLANTED.items():
        (tree / path).parent.mkdir(exist_ok=True)
        (tree / path).write_text(f'"""Planted."""\n{text}\n')
    return lint(tree)


def test_every_contract_is_kept(root):
    assert lint(root) == dict.fromkeys(CONTRACTS, "KEPT")


@pytest.mark.parametrize(("path", "contract"), [(path, planted[1]) for path, planted in PLANTED.items()])
def test_a_planted_import_breaks_its_contract(broken, path, contract):
    assert broken[contract].startswith("BROKEN")
    assert f".{Path(path).stem}" in broken[contract]
