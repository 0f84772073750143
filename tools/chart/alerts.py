"""Lets Prometheus itself read the alerts of the chart, and tries each on made-up series."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml
from tools.servers import ServerError
from tools.servers.cache import run

from .manifests import read
from .programs import promtool
from .renderings import CHART, NAMESPACE, examples, rendered

SERIES = CHART / "tests" / "alerts.yaml"
QUIET, FIRES = "25m", "140m"


def faults() -> Iterator[str]:
    """Tell what Prometheus does not understand, and which alert does not fire when it should, or does when it should not."""
    tried: dict[str, Any] = yaml.safe_load(SERIES.read_text())
    for example in examples():
        for manifest in read(rendered(example)):
            if manifest["kind"] == "PrometheusRule":
                yield from faults_of(example.stem, manifest["spec"], tried)


def faults_of(example: str, spec: dict[str, Any], tried: dict[str, Any]) -> Iterator[str]:
    rules = {rule["alert"]: rule for group in spec["groups"] for rule in group["rules"]}
    yield from (f"{example}: {alert} is not tried" for alert in sorted(rules.keys() - tried.keys()))
    tests = [test_of(rules[alert], trial) for alert, trial in tried.items() if alert in rules]
    with TemporaryDirectory() as folder:
        Path(folder, "rules.yaml").write_text(yaml.safe_dump(spec))
        Path(folder, "tests.yaml").write_text(
            yaml.safe_dump({"rule_files": ["rules.yaml"], "evaluation_interval": "1m", "tests": tests})
        )
        try:
            run(promtool(), "check", "rules", "--lint=all", "--lint-fatal", f"{folder}/rules.yaml")
            run(promtool(), "test", "rules", f"{folder}/tests.yaml")
        except ServerError as exc:
            yield f"{example}: {exc}"


def test_of(rule: dict[str, Any], trial: dict[str, Any]) -> dict[str, Any]:
    """Return a test of promtool: nobody is called at first, and later whom the trial names."""
    called = {"exp_labels": rule["labels"] | trial["names"], "exp_annotations": rule["annotations"]}
    return {
        "interval": "1m",
        "input_series": [{"series": ours(name), "values": values} for name, values in trial["series"].items()],
        "alert_rule_test": [
            {"alertname": rule["alert"], "eval_time": QUIET, "exp_alerts": []},
            {"alertname": rule["alert"], "eval_time": FIRES, "exp_alerts": [called]},
        ],
    }


def ours(series: str) -> str:
    """Return a series as one of the namespace that the examples are rendered for."""
    name, _, labels = series.partition("{")
    return f'{name}{{namespace="{NAMESPACE}",{labels}' if labels else f'{name}{{namespace="{NAMESPACE}"}}'
