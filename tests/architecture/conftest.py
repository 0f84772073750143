"""The tree as the architecture tests see it."""

import ast
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TESTKIT = "testkit"


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


@pytest.fixture(scope="session")
def portions() -> dict[str, Path]:
    """Every member's package, by its word."""
    sources = [*ROOT.glob("libs/*/src/aktenfluss/*/__init__.py"), *ROOT.glob("services/*/src/aktenfluss/*/__init__.py")]
    return {source.parent.name: source.parent for source in sources}


@pytest.fixture(scope="session")
def production(portions) -> dict[str, ast.Module]:
    """Every module of production code, parsed, by its path below the root."""
    paths = [path for word, portion in portions.items() if word != TESTKIT for path in portion.rglob("*.py")]
    return {path.relative_to(ROOT).as_posix(): ast.parse(path.read_text()) for path in sorted(paths)}


@pytest.fixture(scope="session")
def offenders(production) -> Callable[..., list[str]]:
    """Give the places, `path:line`, of all nodes that break a rule; `but` names the paths where it does not hold."""

    def find(breaks: Callable[[ast.AST], bool], *, but: Callable[[str], bool]) -> list[str]:
        return [
            f"{path}:{node.lineno}"
            for path, tree in production.items()
            if not but(path)
            for node in ast.walk(tree)
            if breaks(node)
        ]

    return find
