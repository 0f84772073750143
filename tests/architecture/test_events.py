"""Events: who publishes them, who listens, and that the audit misses none."""

import ast

import pytest
from scripts.reference.members import classes
from scripts.reference.openapi_documents import built_services

from aktenfluss.kernel import EventData
from aktenfluss.servicekit import EVERY_TYPE


@pytest.fixture(scope="module")
def events():
    return {event.type: event for event in classes(EventData)}


@pytest.fixture(scope="module")
def services(tmp_path_factory):
    return {service.name: service for service in built_services(tmp_path_factory.mktemp("keys"))}


def publisher(event_type):
    return event_type.split(".")[2]


def made_in(production, name):
    """Return the services in whose code `name(…)` stands."""
    return {
        path.split("/")[1]
        for path, tree in production.items()
        if path.startswith("services/")
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name
    }


def test_an_event_stands_in_the_contracts_of_its_publisher(events):
    assert {type_: event.__module__ for type_, event in events.items()} == {
        type_: f"aktenfluss.contracts.{publisher(type_)}" for type_ in events
    }


def test_an_event_is_published_by_its_publisher_and_nobody_else(production, events):
    made = {event.__name__: made_in(production, event.__name__) for event in events.values()}

    assert made == {event.__name__: {publisher(event.type)} for event in events.values()}


def test_who_listens_to_an_event_listens_to_its_publisher(services, events):
    for service in services.values():
        wanted = set(service.subscriptions.handlers) - {EVERY_TYPE}
        assert wanted <= set(events)
        assert {publisher(type_) for type_ in wanted} <= service.subscriptions.services


def test_the_audit_listens_to_every_event_of_every_publisher(services, events):
    heard = services["audit"].subscriptions

    assert set(heard.handlers) == {EVERY_TYPE}
    assert heard.services == {publisher(type_) for type_ in events}


def test_a_prefix_belongs_to_one_service(services):
    prefixes = [prefix for service in services.values() for prefix in service.prefixes]

    assert len(prefixes) == len(set(prefixes))


def test_a_service_answers_under_its_prefixes_only(services):
    outside = [
        f"{name} {path}"
        for name, service in services.items()
        for path in service.app.openapi()["paths"]
        if "/".join(path.split("/")[:3]).partition(":")[0] not in service.prefixes
    ]

    assert outside == []
