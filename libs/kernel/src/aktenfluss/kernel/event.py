"""Facts that services tell each other: CloudEvents 1.0 attributes and a thin payload."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict


class EventData(BaseModel):
    """The payload of one event type: ids, digests and counts, never personal data.

    `type` is `de.aktenfluss.<service>.<event>.v<n>`; within a version only optional fields may be added.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    type: ClassVar[str]

    @classmethod
    def of(cls, event: "Event") -> Self:
        """Return the payload of `event`.

        Raises ValueError where the payload does not fit, for example that of an event of another type.
        """
        if cls.type != event.type:
            raise ValueError(f"event {event.id} is a {event.type}, not a {cls.type}")
        return cls.model_validate(event.data)


@dataclass(frozen=True, slots=True)
class Event:
    """One published fact.

    `key` orders events: those of one key are delivered in the order in which they were committed. It is the case
    file's id where there is one, else the aggregate's. `aggregate_version` counts the changes of `subject`.
    `traceparent` says in which trace it came about (W3C Trace Context), empty while nobody traces.
    """

    id: UUID
    type: str
    tenant_id: str
    key: str
    subject: str
    aggregate_version: int
    actor: str
    correlation_id: str
    occurred_at: datetime
    data: dict[str, Any]
    traceparent: str = ""

    @property
    def service(self) -> str:
        """The publishing service, read from the type."""
        return self.type.split(".")[2]

    @property
    def topic(self) -> str:
        """The topic of the publishing service."""
        return topic_of(self.service)


def topic_of(service: str) -> str:
    """Return the topic on which `service` publishes."""
    return f"aktenfluss.{service}.v1"
