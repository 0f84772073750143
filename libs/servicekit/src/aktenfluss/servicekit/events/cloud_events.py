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
VERSIONS = range(2**31)
"""Those that a column of the consumer holds."""
KEY_BYTES = 1000
"""More than any key of ours has; parked events are indexed by it, and PostgreSQL indexes no more than 2,700."""
NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
"""In JSON, where it stands in an escape alone: behind an even number of backslashes."""


class NotAnEventError(ValueError):
    """A record has not the form in which this product publishes events, or could not be stored."""


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
            tenant_id=text(attributes["ce_tenant"]),
            key=key(attributes["ce_partitionkey"]),
            subject=text(attributes["ce_subject"]),
            aggregate_version=version(attributes["ce_aggregateversion"]),
            actor=text(attributes["ce_actor"]),
            correlation_id=text(attributes["ce_correlationid"]),
            occurred_at=instant(attributes["ce_time"].decode()),
            data=json_object(value or b""),
            traceparent=traceparent_of(attributes.get(TRACE)),
        )
    except (KeyError, ValueError, OverflowError, orjson.JSONEncodeError) as exc:
        # Not chained: the texts of these errors repeat what the record says, and nobody knows what that is.
        raise NotAnEventError(type(exc).__name__) from None


def type_of(attributes: dict[str, bytes]) -> str:
    if attributes["ce_specversion"] != SPEC_VERSION[1]:
        raise ValueError("another version of CloudEvents")
    name = attributes["ce_type"].decode()
    if not TYPE.fullmatch(name):
        raise ValueError("not a type of ours")
    return name


def text(content: bytes) -> str:
    """Return the text of an attribute; raises ValueError where PostgreSQL holds no such text."""
    if b"\0" in content:
        raise ValueError("NUL in a text")
    return content.decode()


def key(content: bytes) -> str:
    if len(content) > KEY_BYTES:
        raise ValueError("too long for a key")
    return text(content)


def version(content: bytes) -> int:
    number = int(content)
    if number not in VERSIONS:
        raise ValueError("no version of a record")
    return number


def instant(written: str) -> datetime:
    """Return the instant that is written (RFC 3339).

    Raises ValueError where it has no offset, OverflowError where it lies before or behind all years in UTC.
    """
    moment = datetime.fromisoformat(written)
    if moment.tzinfo is None:
        raise ValueError("a time without its offset")
    return moment.astimezone(UTC)


def json_object(value: bytes) -> dict[str, object]:
    """Return the object that is written; raises ValueError or JSONEncodeError where jsonb holds none like it."""
    data = orjson.loads(value)
    if not isinstance(data, dict):
        raise NotAnEventError("not an object")
    if NUL.search(value):
        raise NotAnEventError("NUL in a text")
    orjson.dumps(data)  # the driver does so: less deeply nested than what can be read
    return data
