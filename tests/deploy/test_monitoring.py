"""Alerts, scalers and the dashboard ask for metrics that there are, and each alert says what to do."""

import re

import pytest
from scripts.reference.metrics_table import metrics
from tests.deploy.chart import ROOT
from tools.chart.renderings import CHART

RUNBOOKS = ROOT / "docs" / "operations" / "runbooks"
PARTS = ("**What it means.**", "**Look.**", "**Do.**", "**Call.**")
OF_OTHERS = {"kube_secret_created"}
"""Metrics of kube-state-metrics."""
METRIC = re.compile(r"([a-z_]+)\{")
COMMAND = re.compile(r"(?:^|\$ |\$\()aktenfluss ([a-z-]+(?: (?:list|retry|verify))?)", re.MULTILINE)


def rules(manifests):
    return [rule for found in manifests.of("PrometheusRule") for rule in found["spec"]["groups"][0]["rules"]]


def asked_for(manifests):
    """Return every query for Prometheus in the manifests."""
    queries = [rule["expr"] for rule in rules(manifests)]
    for found in manifests.of("ScaledObject"):
        queries += [trigger["metadata"].get("query", "") for trigger in found["spec"]["triggers"]]
    for found in manifests.of("ConfigMap"):
        queries += re.findall(r'"expr": "(.*?[^\\])"', found["data"].get("aktenfluss.json", ""))
    return queries


def test_every_metric_that_is_asked_for_exists(manifests):
    asked = {name for query in asked_for(manifests) for name in METRIC.findall(query)}
    assert asked - OF_OTHERS <= {series for metric in metrics(ROOT) for series in metric.series}
    assert bool(asked) == bool(manifests.of("ServiceMonitor"))


def test_every_query_is_about_the_own_namespace(manifests):
    for query in asked_for(manifests):
        assert len(re.findall(r'[{,]namespace=\\*"', query)) == len(METRIC.findall(query)), query


def test_what_every_pod_reads_out_of_a_database_is_not_added_up(manifests):
    shared = "outbox_|parked_events|failed_jobs|waiting_jobs|oldest_job_|open_scrub_findings"
    assert [query for query in asked_for(manifests) if re.search(rf"sum[^(]*\((?:{shared})", query)] == []


@pytest.fixture(scope="module")
def alerts():
    text = (CHART / "files" / "alerts.yaml").read_text()
    return re.findall(r"^- alert: (\w+)$", text, re.MULTILINE)


def test_every_alert_has_a_page_and_every_page_an_alert(alerts):
    assert sorted(alerts) == sorted(page.stem for page in RUNBOOKS.glob("Aktenfluss*.md"))
    assert re.findall(r"^\| \[(\w+)\]", (RUNBOOKS / "index.md").read_text(), re.MULTILINE) == alerts


def test_an_alert_leads_to_its_page(manifests):
    linked = {rule["alert"]: rule["annotations"].get("runbook_url") for rule in rules(manifests)}
    for alert, url in linked.items():
        assert url is None or url.rpartition("/")[2] == f"{alert}.md"


def test_a_page_says_what_to_do(alerts):
    for alert in alerts:
        text = (RUNBOOKS / f"{alert}.md").read_text()
        assert text.startswith(f"# {alert}\n")
        assert [part for part in PARTS if part not in text] == [], alert


def test_commands_of_the_pages_exist(command_line):
    for page in RUNBOOKS.glob("*.md"):
        blocks = re.findall(r"```console\n(.*?)```|`(aktenfluss [^`…]+)`", page.read_text(), re.DOTALL)
        for command in COMMAND.findall("\n".join(block for pair in blocks for block in pair)):
            assert command in command_line, f"{page.name}: aktenfluss {command}"


def test_the_job_of_the_migrations_can_be_given_another_command():
    """The page of the runbooks does so, with sed."""
    text = (CHART / "templates" / "migrations.yaml").read_text()
    assert text.count("[aktenfluss, migrate]") == 1
    assert r"s/\[aktenfluss, migrate\]/" in (RUNBOOKS / "index.md").read_text()


@pytest.fixture(scope="module")
def command_line():
    """Give every command of `aktenfluss`, those of a group behind its word."""
    from aktenfluss.standalone.cli import app  # noqa: PLC0415 - half a second for the other tests of this folder

    own = {name_of(command) for command in app.registered_commands}
    return own | {
        f"{group.name} {name_of(command)}"
        for group in app.registered_groups
        for command in group.typer_instance.registered_commands
    }


def name_of(command):
    return command.name or command.callback.__name__.replace("_", "-")
