"""Traces for a collector that speaks OpenTelemetry's protocol over HTTP (OTLP 1.x)."""

from collections.abc import Mapping
from contextvars import Token
from types import TracebackType
from typing import Self

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanLimits, SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.sampling import ParentBased, Sampler, TraceIdRatioBased
from opentelemetry.trace import (
    NonRecordingSpan,
    SpanContext,
    SpanKind,
    Status,
    StatusCode,
    TraceFlags,
    set_span_in_context,
)
from opentelemetry.trace import Span as OtelSpan
from opentelemetry.trace import Tracer as OtelTracer

from aktenfluss.kernel import Problem

from ..http.logging import ALLOWED, is_plain
from ..tracing import CURRENT, Kind

EXPORT_SECONDS = 2.0
"""Longest time of handing spans over; the end of a process waits for two at the most."""
QUEUE = 2048
"""How many spans wait for the next hand-over, which takes all; what exceeds them is lost."""
DELAY_SECONDS = 2.0
KINDS = {Kind.SERVER: SpanKind.SERVER, Kind.PRODUCER: SpanKind.PRODUCER, Kind.CONSUMER: SpanKind.CONSUMER}
NAMES = {"method": "http.request.method", "route": "http.route", "status": "http.response.status_code"}
"""Fields that OpenTelemetry has words for; the others stand behind `aktenfluss.`."""


class OtlpTracing:
    """Sends the spans of all services of a process to one collector; implements `Tracing`.

    Spans are collected and sent in a thread; where the collector does not answer they are lost and nobody waits.
    """

    def __init__(self, endpoint: str, sample_ratio: float) -> None:
        exporter = OTLPSpanExporter(endpoint=endpoint, timeout=EXPORT_SECONDS)
        self._processor: SpanProcessor = BatchSpanProcessor(exporter, QUEUE, DELAY_SECONDS * 1000, QUEUE)
        self._sampler: Sampler = ParentBased(TraceIdRatioBased(sample_ratio))
        self._tracers: dict[str, OtlpTracer] = {}

    def of(self, service: str) -> "OtlpTracer":
        if service not in self._tracers:
            self._tracers[service] = OtlpTracer(service, self._provider(service).get_tracer("aktenfluss"))
        return self._tracers[service]

    def close(self) -> None:
        self._processor.shutdown()

    def _provider(self, service: str) -> TracerProvider:
        resource = Resource.create({"service.name": service, "service.namespace": "aktenfluss"})
        provider = TracerProvider(
            self._sampler, resource, shutdown_on_exit=False, span_limits=SpanLimits(max_events=0, max_links=0)
        )
        provider.add_span_processor(self._processor)
        return provider


class OtlpTracer:
    """Implements `Tracer`."""

    def __init__(self, service: str, tracer: OtelTracer) -> None:
        self._service = service
        self._tracer = tracer

    def span(self, name: str, kind: Kind, parent: str) -> "OtlpSpan":
        context = set_span_in_context(NonRecordingSpan(context_of(parent))) if parent else None
        return OtlpSpan(self._tracer.start_span(name, context, KINDS[kind]))


class OtlpSpan:
    """Implements `Span`, and is the block in which it is taken."""

    def __init__(self, span: OtelSpan) -> None:
        self._span = span
        self._outer: Token[str] | None = None

    def tell(self, name: str, fields: Mapping[str, str | int]) -> None:
        self._span.update_name(name)
        for field, value in fields.items():
            if field in ALLOWED and is_plain(value):
                self._span.set_attribute(NAMES.get(field, f"aktenfluss.{field}"), value)
        if int(fields.get("status", 0)) >= 500:
            self._span.set_status(Status(StatusCode.ERROR))

    def __enter__(self) -> Self:
        self._outer = CURRENT.set(text_of(self._span.get_span_context()))
        return self

    def __exit__(self, _: type[BaseException] | None, exc: BaseException | None, __: TracebackType | None) -> None:
        if exc is not None:
            self._span.set_status(Status(StatusCode.ERROR))
            self._span.set_attribute("error.type", exc.slug if isinstance(exc, Problem) else type(exc).__name__)
        self._span.end()
        if self._outer is not None:
            CURRENT.reset(self._outer)


def context_of(traceparent: str) -> SpanContext:
    """Return the step that a traceparent names."""
    _, trace_id, span_id, flags = traceparent.split("-")
    return SpanContext(int(trace_id, 16), int(span_id, 16), is_remote=True, trace_flags=TraceFlags(int(flags, 16)))


def text_of(context: SpanContext) -> str:
    """Return the traceparent of a step."""
    return f"00-{context.trace_id:032x}-{context.span_id:016x}-{context.trace_flags & 1:02x}"
