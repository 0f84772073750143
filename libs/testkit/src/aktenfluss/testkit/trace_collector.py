"""A collector of traces as the foreign system is: OTLP 1.x over HTTP, requests in its published protobuf form."""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)
from opentelemetry.proto.common.v1.common_pb2 import KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from .patience import PATIENCE_SECONDS

PATH = "/v1/traces"
FORM = "application/x-protobuf"


@dataclass(frozen=True, slots=True)
class Step:
    """A span as it arrived; ids are hexadecimal, `parent` is empty for the first of a trace."""

    service: str
    name: str
    trace: str
    id: str
    parent: str
    attributes: dict[str, str]
    failed: bool
    text: str
    """All of it, to look for what must not be there."""

    @classmethod
    def of(cls, resource: dict[str, str], span: Span) -> Self:
        return cls(
            service=resource["service.name"],
            name=span.name,
            trace=span.trace_id.hex(),
            id=span.span_id.hex(),
            parent=span.parent_span_id.hex(),
            attributes=told(span.attributes),
            failed=span.status.code == span.status.STATUS_CODE_ERROR,
            text=f"{resource} {span}",
        )


class TraceCollector:
    """Listens on the loopback until it is closed, and keeps what it is sent."""

    def __init__(self) -> None:
        self.steps: list[Step] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler_of(self))
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05})
        self._thread.start()

    @property
    def endpoint(self) -> str:
        """What `TRACES_ENDPOINT` is set to."""
        return f"http://127.0.0.1:{self._server.server_port}{PATH}"

    def take(self, request: ExportTraceServiceRequest) -> None:
        """Keep what a request brings."""
        for group in request.resource_spans:
            resource = told(group.resource.attributes)
            self.steps += [Step.of(resource, span) for scope in group.scope_spans for span in scope.spans]

    def traces(self) -> dict[str, list[Step]]:
        """Return the steps of each trace."""
        steps = list(self.steps)
        return {trace: [step for step in steps if step.trace == trace] for trace in {step.trace for step in steps}}

    def wait_for(self, wanted: Callable[[Sequence[Step]], bool]) -> list[Step]:
        """Return the first trace that is as `wanted`; raises AssertionError with all names where none comes."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not (found := [steps for steps in self.traces().values() if wanted(steps)]):
            names = {trace: sorted(step.name for step in steps) for trace, steps in self.traces().items()}
            assert time.monotonic() < deadline, names
            time.sleep(0.05)
        return found[0]

    def close(self) -> None:
        """End the server."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def handler_of(collector: TraceCollector) -> type[BaseHTTPRequestHandler]:
    """Return what answers the requests for `collector`."""

    class Handler(BaseHTTPRequestHandler):
        """Takes traces at the path of the protocol, in its form, and refuses everything else."""

        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            fits = (self.path, self.headers["Content-Type"]) == (PATH, FORM)
            if fits:
                collector.take(ExportTraceServiceRequest.FromString(body))
            answer = ExportTraceServiceResponse().SerializeToString() if fits else b""
            self.send_response(200 if fits else 400)
            self.send_header("Content-Type", FORM)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, format: str, *_: object) -> None:  # noqa: A002 - the name is the library's
            """Write nothing."""

    return Handler


def told(attributes: Sequence[KeyValue]) -> dict[str, str]:
    """Return attributes with their values as text."""
    return {one.key: str(getattr(one.value, one.value.WhichOneof("value") or "string_value")) for one in attributes}
