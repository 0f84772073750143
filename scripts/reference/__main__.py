"""Write the generated documentation, or with --check tell where it is not that of the code."""

import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from .asyncapi_document import asyncapi
from .decision_index import decision_index
from .metrics_table import metrics_page
from .openapi_documents import openapi_documents
from .problem_pages import problem_pages
from .settings_table import configuration, example

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
GENERATED = (DOCS / "problems", DOCS / "api")
"""Folders in which everything is generated."""


def documents() -> dict[Path, str]:
    """Return the text of every generated file."""
    return {
        ROOT / ".env.example": example(),
        DOCS / "configuration.md": configuration(),
        DOCS / "metrics.md": metrics_page(ROOT),
        DOCS / "adr" / "index.md": decision_index(DOCS / "adr"),
        DOCS / "api" / "asyncapi.json": as_json(asyncapi()),
        **{DOCS / "problems" / name: text for name, text in problem_pages().items()},
        **{DOCS / "api" / f"{name}.openapi.json": as_json(found) for name, found in openapi_documents().items()},
    }


def as_json(document: dict[str, Any]) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def stale(expected: dict[Path, str]) -> list[Path]:
    """Return the files that are missing or do not say what they should."""
    return [path for path, text in expected.items() if not path.exists() or path.read_text(encoding="utf-8") != text]


def strays(expected: dict[Path, str], folders: Iterable[Path]) -> list[Path]:
    """Return the files of `folders` that nothing generates any more."""
    return [path for folder in folders for path in sorted(folder.glob("*")) if path not in expected]


def write(expected: dict[Path, str], folders: Iterable[Path]) -> None:
    """Bring the files up to date, and remove those that nothing generates."""
    changed, gone = stale(expected), strays(expected, folders)
    for path in changed:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(expected[path], encoding="utf-8")
    for path in gone:
        path.unlink()
    print(f"{len(expected)} generated files, {len(changed)} written, {len(gone)} removed")


def check(expected: dict[Path, str], folders: Iterable[Path]) -> int:
    """Name the files that are not up to date and return 1 where there are some."""
    differing = [*stale(expected), *strays(expected, folders)]
    for path in differing:
        print(f"{path} is not that of the code: run `make docs` and commit the result")
    return 1 if differing else 0


def main(arguments: list[str]) -> int:
    expected = documents()
    if "--check" in arguments:
        return check(expected, GENERATED)
    write(expected, GENERATED)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
