"""Events carry CloudEvents attributes around a thin payload."""

from datetime import UTC, datetime
from typing import ClassVar
from uuid import UUID

import pytest
from pydantic import ValidationError

from aktenfluss.kernel import Event, EventData, new_id, topic_of


class BoxPacked(EventData):
    type: ClassVar[str] = "de.aktenfluss.scans.box-packed.v1"
    box_id: UUID
    item_count: int


def event(data, type_=BoxPacked.type):
    return Event(
        id=new_id(),
        type=type_,
        tenant_id="offenbach",
        key="box-1",
        subject="box-1",
        aggregate_version=1,
        actor="service:scans",
        correlation_id="",
        occurred_at=datetime(2026, 3, 2, tzinfo=UTC),
        data=data,
    )


def test_a_payload_comes_back_from_its_event():
    box_id = new_id()
    packed = BoxPacked(box_id=box_id, item_count=3)

    assert BoxPacked.of(event(packed.model_dump(mode="json"))) == packed


def test_fields_that_a_later_publisher_adds_are_ignored():
    data = {"box_id": str(new_id()), "item_count": 3, "added_later": True}

    assert BoxPacked.of(event(data)).item_count == 3


def test_an_event_of_another_type_is_refused():
    other = event({}, "de.aktenfluss.scans.box-lost.v1")

    with pytest.raises(ValueError, match=r"is a de\.aktenfluss\.scans\.box-lost\.v1, not a"):
        BoxPacked.of(other)


def test_a_payload_that_lacks_a_field_is_refused():
    with pytest.raises(ValidationError, match="item_count"):
        BoxPacked.of(event({"box_id": str(new_id())}))


def test_a_payload_cannot_be_changed():
    packed = BoxPacked(box_id=new_id(), item_count=3)

    with pytest.raises(ValidationError, match="frozen"):
        packed.item_count = 4


def test_the_type_names_the_service_and_its_topic():
    packed = event({})

    assert packed.service == "scans"
    assert packed.topic == topic_of("scans") == "aktenfluss.scans.v1"
