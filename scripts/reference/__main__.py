"""Write the generated documentation, or with --check tell where it is not that of the code."""

import json
import sys
from pathlib import Path
from typing import Any

from .asyncapi_document import asyncapi
from .decision_index import decision_index
from .openapi_documents import openapi_documents
from .problem_pages import problem_pages
from .settings_table import configuration, example

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"


def documents() -> dict[Path, str]:
    """Return the text of every generated file."""
    return {
        ROOT / ".env.example": example(),
        DOCS / "configuration.md": configuration(),
        DOCS / "adr" / "index.md": decision_index(DOCS / "adr"),
        DOCS / "api" / "asyncapi.json": as_json(asyncapi()),
        **{DOCS / "problems" / name: text for name, text in problem_pages().items()},
        **{DOCS / "api" / f"{name}.openapi.json": as_json(found) for name, found in openapi_documents().items()},
    }


def as_json(document: dict[str, Any]) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def strays(expected: set[Path]) -> list[Path]:
    """Return the files of generated folders that nothing generates any more."""
    present = [*(DOCS / "problems").glob("*"), *(DOCS / "api").glob("*")]
    return [path for path in present if path not in expected]


def main(arguments: list[str]) -> int:
    expected = documents()
    changed = [path for path, text in expected.items() if not path.exists() or path.read_text() != text]
    gone = strays(set(expected))
    if "--check" in arguments:
        for path in changed + gone:
            print(f"{path.relative_to(ROOT)} is not that of the code: run `make docs` and commit the result")
        return 1 if changed or gone else 0
    for path in changed:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(expected[path])
    for path in gone:
        path.unlink()
    print(f"{len(expected)} generated files, {len(changed)} written, {len(gone)} removed")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
