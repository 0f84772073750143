"""What every HTTP app of the house keeps to."""

import pytest
from scripts.reference.openapi_documents import built_services

from aktenfluss.servicekit import routes_without_policy


@pytest.fixture(scope="module")
def apps(tmp_path_factory):
    return {service.name: service.app for service in built_services(tmp_path_factory.mktemp("keys"))}


def test_every_route_says_who_may_use_it(apps):
    assert {name: routes_without_policy(app.routes) for name, app in apps.items()} == {name: [] for name in apps}


def test_the_framework_records_no_values_of_requests(apps):
    # No public way tells it. Its default logs validation failures with the input, which may be personal data.
    assert {app._telemetry["logs"] for app in apps.values()} == {False}


def test_every_operation_has_a_summary(apps):
    silent = [
        f"{name} {method} {path}"
        for name, app in apps.items()
        for path, item in app.openapi()["paths"].items()
        for method, operation in item.items()
        if not operation.get("summary")
    ]

    assert silent == []
