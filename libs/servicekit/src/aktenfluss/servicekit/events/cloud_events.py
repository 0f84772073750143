"""Events as CloudEvents 1.0 in binary mode: attributes in the headers of a Kafka record, data as its value.

CloudEvents Kafka protocol binding 1.0.2, section 3.2; the attributes are told in docs/api/asyncapi.json.
"""

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from uuid import UUID

import orjson

from aktenfluss.kernel import Event

from ..tracing import traceparent_of

type Headers = list[tuple[str, bytes]]

CONTENT_TYPE = ("content-type", b"application/json")
SPEC_VERSION = ("ce_specversion", b"1.0")
TRACE = "ce_traceparent"
TYPE = re.compile(r"de\.aktenfluss\.[a-z0-9-]+\.[a-z0-9-]+\.v[0-9]+")


class NotAnEventError(ValueError):
    """A record has not the form in which this product publishes events."""


def headers_of(event: Event) -> Headers:
    """Return the attributes of `event`."""
    attributes = [
        CONTENT_TYPE,
        SPEC_VERSION,
        ("ce_id", str(event.id).encode()),
        ("ce_source", event.service.encode()),
        ("ce_type", event.type.encode()),
        ("ce_time", event.occurred_at.astimezone(UTC).isoformat().encode()),
        ("ce_subject", event.subject.encode()),
        ("ce_partitionkey", event.key.encode()),
        ("ce_tenant", event.tenant_id.encode()),
        ("ce_actor", event.actor.encode()),
        ("ce_aggregateversion", str(event.aggregate_version).encode()),
        ("ce_correlationid", event.correlation_id.encode()),
    ]
    # Extension "Distributed Tracing"; an attribute is never empty.
    return [*attributes, (TRACE, event.traceparent.encode())] if event.traceparent else attributes


def value_of(event: Event) -> bytes:
    """Return the data of `event` as JSON."""
    return orjson.dumps(event.data)


def event_of(headers: Iterable[tuple[str, bytes]], value: bytes | None) -> Event:
    """Return the event that a record holds; raises NotAnEventError where it holds none."""
    attributes = {name: content or b"" for name, content in headers}
    try:
        return Event(
            id=UUID(attributes["ce_id"].decode()),
            type=type_of(attributes),
            tenant_id=attributes["ce_tenant"].decode(),
            key=attributes["ce_partitionkey"].decode(),
            subject=attributes["ce_subject"].decode(),
            aggregate_version=int(attributes["ce_aggregateversion"]),
            actor=attributes["ce_actor"].decode(),
            correlation_id=attributes["ce_correlationid"].decode(),
            occurred_at=instant(attributes["ce_time"].decode()),
            data=json_object(value or b""),
            traceparent=traceparent_of(attributes.get(TRACE)),
        )
    except (KeyError, ValueError) as exc:
        # Not chained: the texts of these errors repeat what the record says, and nobody knows what that is.
        raise NotAnEventError(type(exc).__name__) from None


def type_of(attributes: dict[str, bytes]) -> str:
    if attributes["ce_specversion"] != SPEC_VERSION[1]:
        raise ValueError("another version of CloudEvents")
    name = attributes["ce_type"].decode()
    if not TYPE.fullmatch(name):
        raise ValueError("not a type of ours")
    return name


def instant(text: str) -> datetime:
    """Return the instant that `text` tells (RFC 3339); raises ValueError where it has no offset."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("a time without its offset")
    return moment.astimezone(UTC)


def json_object(value: bytes) -> dict[str, object]:
    data = orjson.loads(value)
    if not isinstance(data, dict):
        raise NotAnEventError("not an object")
    return data
