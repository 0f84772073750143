"""Logs as JSON lines of allowed fields; what is not allowed cannot get out, so no personal data can."""

import logging
import re
import sys
import traceback
from collections.abc import Mapping, MutableMapping
from types import TracebackType
from typing import Any, BinaryIO

import orjson
import structlog
from prometheus_client import CollectorRegistry, Counter

PLAIN = re.compile(r"[A-Za-z0-9._:/{}<>@=+-]{1,200}")
"""Identifiers, paths of code and route templates; no spaces, no letters beyond ASCII: no names of people."""

EVENT = re.compile(r"[a-z][a-z0-9-]{2,39}(?: [a-z0-9-]{1,20}){0,7}")
"""What happened, in constant words such as `relay stopped`."""

ALLOWED = frozenset({
    "attempt", "bytes", "code", "count", "delivery", "duration_ms", "error", "event", "event_id", "event_type", "findings",
    "host", "job", "job_id", "key", "level", "lock_enforced", "logger", "method", "ms", "object_lock", "occurrence", "offset",
    "partition", "partitions", "path_count", "place", "port", "problem", "queue", "reason", "request_id", "role", "route",
    "seconds", "service", "signal", "size_bytes", "slot", "status", "subject", "subscription", "task", "tenant", "timestamp",
    "topic", "version", "versioning",
})  # fmt: skip
"""The fields that a line may have."""

LEVELS = {"debug": 10, "info": 20, "warning": 30, "error": 40, "critical": 50}
DROPPED_EVENT = "dropped event"
STARTED_BY_SERVER = frozenset({"uvicorn.error", "alembic.runtime.migration"})
"""Libraries whose message templates (never their arguments) are known to be constant."""


class AllowedFields:
    """A structlog processor that lets pass what is allowed, in allowed shape, and counts the rest."""

    def __init__(self, registry: CollectorRegistry | None = None) -> None:
        self._dropped = Counter("log_fields_dropped", "Values that were kept out of the log", registry=registry)

    def __call__(self, _: Any, __: str, fields: MutableMapping[str, Any]) -> Mapping[str, Any]:
        allowed = {name: value for name, value in fields.items() if name in ALLOWED and is_plain(value)}
        event = fields.get("event")
        allowed["event"] = event if isinstance(event, str) and EVENT.fullmatch(event) else DROPPED_EVENT
        lost = len(fields) - len(allowed) + (allowed["event"] is not event)
        if lost > 0:
            self._dropped.inc(lost)
        return allowed


def is_plain(value: object) -> bool:
    """Tell whether `value` is a number or a text in the form of an identifier."""
    if isinstance(value, str):
        return PLAIN.fullmatch(value) is not None or EVENT.fullmatch(value) is not None
    return value is None or isinstance(value, int | float)


def tell_failure(_: Any, __: str, fields: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Turn an exception into its type and its place, as a structlog processor; its message may carry data and is lost."""
    exc = fields.pop("exc_info", None)
    if exc is True:  # by `log.exception`
        exc = sys.exception()
    elif isinstance(exc, tuple):
        exc = exc[1]
    if isinstance(exc, BaseException):
        fields["error"], fields["place"] = type(exc).__qualname__, code_place(exc.__traceback__)
    return fields


def code_place(trace: TracebackType | None) -> str:
    """Return the innermost line of our own code that an exception came through, or of any code without one."""
    frames = traceback.extract_tb(trace)
    ours = [frame for frame in frames if "/aktenfluss/" in frame.filename]
    frame = next(reversed(ours or frames), None)
    if frame is None:
        return "unknown"
    module = frame.filename.rpartition("/aktenfluss/" if ours else "/")[2]
    return f"{module}:{frame.lineno}:{frame.name}"


def render(_: Any, __: str, fields: Mapping[str, Any]) -> bytes:
    return orjson.dumps(fields)


class StandardHandler(logging.Handler):
    """Takes what libraries log through the standard library: who, how grave and where, not what, for it may carry data."""

    def emit(self, record: logging.LogRecord) -> None:
        exc = record.exc_info[1] if record.exc_info else None
        event = constant_words(str(record.msg)) if record.name in STARTED_BY_SERVER else "library message"
        place = {} if exc is not None else {"place": f"{record.module}:{record.lineno}:{record.funcName}"}
        logger = structlog.get_logger()
        logger.log(LEVELS.get(record.levelname.lower(), 20), event, logger=record.name, exc_info=exc, **place)


def constant_words(template: str) -> str:
    """Return the words of a message template without the places for its arguments."""
    words = re.sub(r"%\S+|[^a-z ]", "", template.lower()).split()
    return " ".join(words[:8])


def configure_logging(stream: BinaryIO, registry: CollectorRegistry | None = None, level: str = "info") -> None:
    """Send everything that is logged in this process to `stream`; the runner calls it once."""
    lines = structlog.BytesLogger(stream)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            tell_failure,
            AllowedFields(registry),
            render,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(LEVELS[level]),
        # One for all: a new one for each line, as the library's factory makes it, costs a tenth of a request.
        logger_factory=lambda *_: lines,
        cache_logger_on_first_use=False,
    )
    root = logging.getLogger()
    root.handlers[:] = [StandardHandler()]
    root.setLevel(logging.WARNING)
    for name in STARTED_BY_SERVER:
        logging.getLogger(name).setLevel(LEVELS[level])
