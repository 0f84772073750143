"""The chart as the tests see it: its manifests as they are committed, and what the code says of the services."""

import ast
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from tools.chart.manifests import Manifest, read
from tools.chart.renderings import CHART, examples, rendered

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Manifests:
    """What Kubernetes gets with one of the examples."""

    objects: list[Manifest]

    def of(self, *kinds: str) -> list[Manifest]:
        return [found for found in self.objects if found["kind"] in kinds]

    def named(self, kind: str, name: str) -> Manifest:
        return next(found for found in self.of(kind) if found["metadata"]["name"] == name)

    @property
    def pods(self) -> dict[str, Any]:
        """The pods that are made, by the name of what makes them."""
        templates = {found["metadata"]["name"]: found["spec"]["template"] for found in self.of("Deployment", "Job")}
        return templates | {found["metadata"]["name"]: found for found in self.of("Pod")}


@pytest.fixture(scope="session", params=examples(), ids=lambda example: example.stem)
def manifests(request) -> Manifests:
    return Manifests(read(rendered(request.param)))


@pytest.fixture(scope="session")
def facts() -> dict[str, Any]:
    return yaml.safe_load((CHART / "files" / "services.yaml").read_text())


@pytest.fixture(scope="session")
def schema() -> dict[str, Any]:
    return json.loads((CHART / "values.schema.json").read_text())


@pytest.fixture(scope="session")
def services() -> dict[str, Path]:
    """Give the package of each service that is a process of its own."""
    found = {path.parent.name: path.parent for path in ROOT.glob("services/*/src/aktenfluss/*/service.py")}
    return dict(sorted(found.items()))


def keywords(path: Path, function: str) -> dict[str, ast.expr]:
    """Return what `function` is called with, by name, in the module at `path`; nothing where it is not called."""
    return {keyword.arg: keyword.value for call in calls(path, function) for keyword in call.keywords if keyword.arg}


def calls(path: Path, function: str) -> Iterator[ast.Call]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == function:
            yield node
