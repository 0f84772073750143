"""The chart as the tests see it: its manifests as they are committed, and what the code says of the services."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.deploy.chart import ROOT, Manifests
from tools.chart.manifests import read
from tools.chart.renderings import CHART, examples, rendered


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
