"""Nothing personal gets into the log, whoever logs it and however."""

import io
import logging
import sys
from collections.abc import Iterator
from typing import Any

import orjson
import pytest
import structlog
from prometheus_client import CollectorRegistry

from aktenfluss.servicekit import ObjectStore
from aktenfluss.servicekit.http import configure_logging
from aktenfluss.servicekit.http.logging import ALLOWED
from aktenfluss.servicekit.process.store_report import report_store

CANARY = "Çiğdem Öztürk-Müller"


@pytest.fixture
def registry() -> CollectorRegistry:
    return CollectorRegistry()


@pytest.fixture
def lines(registry: CollectorRegistry) -> Iterator[io.BytesIO]:
    stream = io.BytesIO()
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    configure_logging(stream, registry)
    yield stream
    root.handlers[:], root.level = handlers, level
    structlog.reset_defaults()


def logged(stream: io.BytesIO) -> list[dict[str, Any]]:
    return [orjson.loads(line) for line in stream.getvalue().splitlines()]


@pytest.mark.parametrize("shape", [CANARY, [CANARY], {CANARY: CANARY}, ValueError(CANARY), CANARY.encode()])
def test_canary_in_any_field_never_shows_up(lines: io.BytesIO, shape: object) -> None:
    fields = dict.fromkeys(ALLOWED - {"event", "level", "timestamp"}, shape)
    structlog.get_logger().warning("request", **fields, case_file=shape, name=shape)
    structlog.get_logger().warning(shape)
    assert "Müller" not in lines.getvalue().decode()
    assert [line["event"] for line in logged(lines)] == ["request", "dropped event"]


def test_dropped_values_are_counted(lines: io.BytesIO, registry: CollectorRegistry) -> None:
    structlog.get_logger().info("request", name=CANARY, route=CANARY, status=200)
    assert registry.get_sample_value("log_fields_dropped_total") == 2


def test_allowed_fields_pass(lines: io.BytesIO) -> None:
    structlog.get_logger().info("relay stopped", slot=3, topic="aktenfluss.cases.v1", seconds=0.5, tenant=None)
    (line,) = logged(lines)
    assert line.pop("timestamp")
    assert line == {
        "event": "relay stopped",
        "level": "info",
        "slot": 3,
        "topic": "aktenfluss.cases.v1",
        "seconds": 0.5,
        "tenant": None,
    }


async def test_what_the_store_was_seen_to_do_passes(
    lines: io.BytesIO, store: ObjectStore, registry: CollectorRegistry
) -> None:
    await report_store(store, registry)
    (line,) = logged(lines)
    assert (line["versioning"], line["object_lock"], line["lock_enforced"]) == (False, False, None)


def test_exception_is_its_type_and_place(lines: io.BytesIO) -> None:
    try:
        int(CANARY)
    except ValueError:
        structlog.get_logger().error("job failed", exc_info=sys.exc_info())
        structlog.get_logger().exception("job failed")
    for line in logged(lines):
        assert line["error"] == "ValueError"
        assert line["place"].startswith("test_logging.py:")
        assert CANARY not in str(line)


def test_library_is_named_but_not_quoted(lines: io.BytesIO) -> None:
    logging.getLogger("procrastinate").warning("Job failed for %s", CANARY)
    logging.getLogger("asyncio").error(f"Task of {CANARY} was never retrieved", exc_info=ValueError(CANARY))  # noqa: G004
    first, second = logged(lines)
    assert (first["event"], first["logger"], first["level"]) == ("library message", "procrastinate", "warning")
    assert first["place"].startswith("test_logging:")
    assert (second["event"], second["error"], second["place"]) == ("library message", "ValueError", "unknown")
    assert "Müller" not in lines.getvalue().decode()


def test_server_tells_what_it_does_without_arguments(lines: io.BytesIO) -> None:
    logging.getLogger("uvicorn.error").info("Uvicorn running on %s://%s:%d (Press CTRL+C)", "http", CANARY, 1)
    (line,) = logged(lines)
    assert line["event"] == "uvicorn running on press ctrlc"


def test_lines_below_the_level_are_not_written(lines: io.BytesIO) -> None:
    structlog.get_logger().debug("request")
    logging.getLogger("httpx").info("GET https://example.org/Mustermann")
    assert logged(lines) == []
