"""The chart says of the services what their code says."""

import ast
import json

import pytest
from tests.deploy.chart import ROOT, keywords

HIDDEN = {"/live", "/startup", "/metrics"}


def literal(expression, default):
    return default if expression is None else list(ast.literal_eval(expression))


def test_every_service_is_installed(facts, services):
    assert list(facts) == list(services)


def test_prefixes_are_those_of_the_services(facts, services):
    told = {
        name: literal(keywords(path / "service.py", "Service").get("prefixes"), []) for name, path in services.items()
    }
    assert {name: fact["prefixes"] for name, fact in facts.items()} == told


def test_a_service_may_call_whom_it_calls(facts, services):
    told = {
        name: literal(keywords(path / "__main__.py", "program_of").get("peers"), []) for name, path in services.items()
    }
    told["gateway"] = sorted(services.keys() - {"gateway"})  # it describes all
    assert {name: fact["calls"] for name, fact in facts.items()} == told


def test_who_keeps_something_has_migrations(facts, services):
    told = {name: (path / "adapters" / "migrations").is_dir() for name, path in services.items()}
    assert {name: fact["keeps"] for name, fact in facts.items()} == told


def test_who_listens_has_subscriptions(facts, services):
    told = {name: "subscriptions" in keywords(path / "service.py", "Service") for name, path in services.items()}
    assert {name: fact["listens"] for name, fact in facts.items()} == told


def leads_to(manifests, path):
    """Return the service to which a request goes as the Gateway API decides: an exact path first, then the longest prefix."""
    found = []
    for route in manifests.of("HTTPRoute"):
        for rule in route["spec"]["rules"]:
            for match in (match["path"] for match in rule["matches"]):
                value = match["value"]
                exact = match["type"] == "Exact"
                if path == value or (not exact and f"{path}/".startswith(f"{value.rstrip('/')}/")):
                    rewritten = "filters" in rule
                    found.append(
                        (exact, len(value), route["metadata"]["labels"]["app.kubernetes.io/component"], rewritten)
                    )
    return max(found)[2:]


@pytest.fixture(scope="module")
def described(services):
    """Give the service of each path of the interfaces."""
    documents = {name: json.loads((ROOT / f"docs/api/{name}.openapi.json").read_text()) for name in services}
    return {path: name for name, document in documents.items() for path in document["paths"]}


def test_every_path_of_the_interfaces_leads_to_its_service(manifests, described):
    led = {path: leads_to(manifests, path) for path in described}
    assert led == {path: (name, False) for path, name in described.items()}


@pytest.mark.parametrize("path", sorted(HIDDEN))
def test_health_and_metrics_of_a_process_are_not_for_the_public(manifests, path):
    assert leads_to(manifests, path) == ("gateway", True)


def test_what_is_nobodys_goes_to_the_gateway(manifests):
    assert leads_to(manifests, "/v1/contentsx") == ("gateway", False)
