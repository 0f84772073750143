"""What every event of the house keeps to."""

import inspect
import re
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from aktenfluss.contracts import audit, cases, documents, scans
from aktenfluss.kernel import EventData

PUBLISHERS = (audit, cases, documents, scans)
PERSONAL = re.compile(r"name|birth|address|number|title|subject_matter|nationality|remark|note|text|phone|mail")


def event_types():
    for publisher in PUBLISHERS:
        for _, member in inspect.getmembers(publisher, inspect.isclass):
            if issubclass(member, EventData) and member.__module__ == publisher.__name__:
                yield publisher.__name__.rpartition(".")[2], member


def kebab(name):
    return re.sub(r"(?<!^)(?=[A-Z])", "-", name).lower()


def field_names(model: type[BaseModel]):
    for name, field in model.model_fields.items():
        yield name
        for part in (field.annotation, *getattr(field.annotation, "__args__", ())):
            if inspect.isclass(part) and issubclass(part, BaseModel):
                yield from field_names(part)


ALL_EVENTS = [pytest.param(*found, id=found[1].__name__) for found in event_types()]


@pytest.mark.parametrize(("publisher", "event"), ALL_EVENTS)
def test_the_type_names_publisher_event_and_version(publisher, event):
    assert event.type == f"de.aktenfluss.{publisher}.{kebab(event.__name__)}.v1"


@pytest.mark.parametrize(("publisher", "event"), ALL_EVENTS)
def test_an_event_has_a_sentence_of_its_own(publisher, event):
    assert event.__doc__ != EventData.__doc__
    assert event.__doc__.strip().endswith(".")


@pytest.mark.parametrize(("publisher", "event"), ALL_EVENTS)
def test_no_field_can_carry_personal_data(publisher, event):
    assert [name for name in field_names(event) if PERSONAL.search(name)] == []


@pytest.mark.parametrize(("publisher", "event"), ALL_EVENTS)
def test_an_event_has_a_json_schema_of_an_object(publisher, event):
    schema: dict[str, Any] = event.model_json_schema()

    assert schema["type"] == "object"
    assert set(schema["properties"]) == set(event.model_fields)


@pytest.mark.parametrize(("publisher", "event"), ALL_EVENTS)
def test_an_empty_payload_is_refused(publisher, event):
    with pytest.raises(ValidationError):
        event.model_validate({})
