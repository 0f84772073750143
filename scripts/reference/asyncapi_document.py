"""The events of all services as AsyncAPI 3, with CloudEvents attributes in the headers (binary mode)."""

from typing import Any

from aktenfluss.contracts.topics import MAX_EVENT_BYTES, TOPICS
from aktenfluss.kernel import EventData, topic_of

from .members import classes, paragraphs

ATTRIBUTES = {
    "ce_specversion": {"const": "1.0"},
    "ce_id": {"type": "string", "format": "uuid", "description": "Unique; the same when delivered twice."},
    "ce_source": {"type": "string", "description": "The publishing service."},
    "ce_type": {"type": "string"},
    "ce_time": {"type": "string", "format": "date-time", "description": "When it happened, UTC."},
    "ce_subject": {"type": "string", "description": "The record that changed or was read."},
    "ce_partitionkey": {"type": "string", "description": "Events of one key come in the order of their commit."},
    "ce_tenant": {"type": "string", "description": "The authority."},
    "ce_actor": {"type": "string", "description": "Opaque id of who caused it."},
    "ce_aggregateversion": {"type": "integer", "description": "Counts the changes of the subject."},
    "ce_correlationid": {"type": "string", "description": "Ties together what one request caused."},
}
"""Attributes of CloudEvents 1.0 and our extensions, as headers of the Kafka protocol binding."""
OPTIONAL = {
    "ce_traceparent": {"type": "string", "description": "In which trace it came about (W3C), where somebody traces."},
}

INFO = {
    "title": "Aktenfluss events",
    "version": "1.0.0",
    "description": "Facts that services publish: ids, digests and counts, never personal data. Delivered at least once.",
}


def asyncapi() -> dict[str, Any]:
    """Return the document."""
    headers = {"type": "object", "required": sorted(ATTRIBUTES), "properties": ATTRIBUTES | OPTIONAL}
    events = classes(EventData)
    services = sorted({service_of_type(event) for event in events})
    return {
        "asyncapi": "3.0.0",
        "info": INFO,
        "defaultContentType": "application/json",
        "channels": {service: channel(service, events) for service in services},
        "operations": {f"publish-{service}": operation(service) for service in services},
        "components": {
            "schemas": {"CloudEvent": headers},
            "messages": {event.__name__: message(event) for event in events},
        },
    }


def service_of_type(event: type[EventData]) -> str:
    return event.type.split(".")[2]


def channel(service: str, events: list[type[EventData]]) -> dict[str, Any]:
    names = [event.__name__ for event in events if service_of_type(event) == service]
    messages = {name: {"$ref": f"#/components/messages/{name}"} for name in names}
    return {
        "address": topic_of(service),
        "description": f"What {service} publishes.",
        "messages": messages,
        "bindings": {"kafka": kafka_binding(service)},
    }


def kafka_binding(service: str) -> dict[str, Any]:
    """Return what the topic offers at least (AsyncAPI Kafka binding 0.5.0)."""
    [topic] = [topic for topic in TOPICS if topic.service == service]
    settings = {"cleanup.policy": ["delete"], "retention.ms": topic.retention_ms, "max.message.bytes": MAX_EVENT_BYTES}
    return {"bindingVersion": "0.5.0", "partitions": topic.partitions, "topicConfiguration": settings}


def operation(service: str) -> dict[str, Any]:
    return {"action": "send", "channel": {"$ref": f"#/channels/{service}"}}


def message(event: type[EventData]) -> dict[str, Any]:
    return {
        "name": event.type,
        "title": event.__name__,
        "summary": " ".join(paragraphs(event)),
        "headers": {"$ref": "#/components/schemas/CloudEvent"},
        "payload": {"schemaFormat": "application/schema+json;version=draft-2020-12", "schema": payload(event)},
    }


def payload(event: type[EventData]) -> dict[str, Any]:
    """Return the JSON Schema with what it refers to told in place, so that it stands alone."""
    schema = event.model_json_schema()
    definitions = schema.pop("$defs", {})
    return {key: inlined(part, definitions) for key, part in schema.items()}


def inlined(part: Any, definitions: dict[str, Any]) -> Any:
    if isinstance(part, list):
        return [inlined(inner, definitions) for inner in part]
    if not isinstance(part, dict):
        return part
    if "$ref" in part:
        return inlined(definitions[part["$ref"].rpartition("/")[2]], definitions)
    return {key: inlined(inner, definitions) for key, inner in part.items()}
