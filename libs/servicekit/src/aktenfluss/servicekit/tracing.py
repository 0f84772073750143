"""Traces: what one request causes, across services, events and jobs; the port, and how they travel.

A trace travels as `traceparent` (W3C Trace Context): in the header of a request, beside an event and among the arguments
of a job. Neither `tracestate` nor `baggage` is taken or sent: in those a caller can write what he likes.
"""

import re
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from contextvars import ContextVar
from enum import Enum, auto
from typing import Protocol

from aktenfluss.kernel import Event

FORM = re.compile(rb"00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")
TRACEPARENT = "traceparent"
"""Name of the header, and of an argument that the kit adds to jobs; their tasks never see it."""


class Kind(Enum):
    """How a span came about."""

    SERVER = auto()
    PRODUCER = auto()
    CONSUMER = auto()


class Span(Protocol):
    """A step of a trace while it is taken."""

    def tell(self, name: str, fields: Mapping[str, str | int]) -> None:
        """Name the step and say more of it: the fields that a line of the log may have, and no other."""
        ...


class Tracer(Protocol):
    """Takes down the steps of one service; makes each the current one while it is taken."""

    def span(self, name: str, kind: Kind, parent: str) -> AbstractContextManager[Span]:
        """Take down a step that follows from `parent`, a traceparent, or begins a trace where that is empty.

        An exception that leaves the block is told by its slug or type, never by its text.
        """
        ...


class Tracing(Protocol):
    """Knows the tracer of each service of a process."""

    def of(self, service: str) -> Tracer: ...

    def close(self) -> None:
        """Hand over what is left; it blocks for a few seconds at the most."""
        ...


class Untraced:
    """Takes nothing down: implements `Tracing`, `Tracer` and `Span` where no endpoint is set."""

    def of(self, _: str) -> "Untraced":
        return self

    def span(self, _name: str, _kind: Kind, _parent: str) -> AbstractContextManager[Span]:
        return NOTHING

    def tell(self, name: str, fields: Mapping[str, str | int]) -> None:
        """Drop it."""

    def close(self) -> None:
        """Nothing is left."""


UNTRACED = Untraced()
NOTHING = nullcontext(UNTRACED)
CURRENT: ContextVar[str] = ContextVar("traceparent", default="")


def current_traceparent() -> str:
    """Return the step that is taken now, empty where none is taken down."""
    return CURRENT.get()


def told_of(event: Event) -> dict[str, str]:
    """Return what may be told of an event."""
    return {"event_type": event.type, "event_id": str(event.id), "tenant": event.tenant_id}


def trace_header() -> dict[str, str]:
    """Return the header, or the argument of a job, by which a trace goes on elsewhere."""
    current = CURRENT.get()
    return {TRACEPARENT: current} if current else {}


def traceparent_of(value: bytes | None) -> str:
    """Return `value` where it is a traceparent, else nothing: it comes from outside."""
    return value.decode() if value is not None and FORM.fullmatch(value) else ""


def traceparent_in(headers: Iterable[tuple[bytes, bytes]]) -> str:
    """Return the traceparent of a request."""
    return traceparent_of(next((value for name, value in headers if name == b"traceparent"), None))
