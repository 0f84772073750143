"""The lines to other services: pooled connections, and a rest for a service that does not answer."""

import time
from collections.abc import Mapping

import httpx
from prometheus_client import CollectorRegistry, Gauge
from starlette.types import ASGIApp

from .errors import ServiceUnavailableError

TIMEOUT = httpx.Timeout(30.0, connect=3.0)
FAILURES = 5
"""So many calls in a row must fail on the way until the service is left alone."""
REST_SECONDS = 5.0


class PeerUnavailableError(ServiceUnavailableError):
    """Another service does not answer at the moment.

    Way out: wait for the seconds in the Retry-After header and send the same request again; nothing was changed.
    """


class Circuit:
    """Tells whether a service is worth a call: after failures in a row one call in each rest finds out."""

    def __init__(self, gauge: Gauge, *, rest_seconds: float) -> None:
        self._gauge = gauge
        self._rest_seconds = rest_seconds
        self._failures = 0
        self._rests_until = 0.0

    def admits(self) -> bool:
        """Return whether to call now."""
        if self._failures < FAILURES:
            return True
        if time.monotonic() < self._rests_until:
            return False
        self._rest()
        return True

    def note(self, *, answered: bool) -> None:
        """Note how a call ended; any answer counts, one that tells of a problem too."""
        self._failures = 0 if answered else self._failures + 1
        if self._failures >= FAILURES:
            self._rest()
        self._gauge.set(self._failures >= FAILURES)

    def _rest(self) -> None:
        self._rests_until = time.monotonic() + self._rest_seconds


class Line:
    """The connections to one service."""

    def __init__(self, name: str, client: httpx.AsyncClient, circuit: Circuit) -> None:
        self.client = client
        self._name = name
        self._circuit = circuit

    async def send(self, request: httpx.Request) -> httpx.Response:
        """Return the answer.

        Raises PeerUnavailableError where there is none, ServiceUnavailableError where the service is left alone.
        """
        if not self._circuit.admits():
            raise ServiceUnavailableError(f"The service {self._name} did not answer lately.")
        try:
            response = await self.client.send(request)
        except httpx.TransportError as exc:
            self._circuit.note(answered=False)
            raise PeerUnavailableError(f"The service {self._name} does not answer.") from exc
        self._circuit.note(answered=True)
        return response


class Lines:
    """Knows the line to each service; one for all services of a process."""

    def __init__(
        self,
        urls: Mapping[str, str],
        *,
        timeout: httpx.Timeout = TIMEOUT,
        registry: CollectorRegistry | None = None,
        rest_seconds: float = REST_SECONDS,
    ) -> None:
        self._urls = urls
        self._timeout = timeout
        self._rest_seconds = rest_seconds
        self._lines: dict[str, Line] = {}
        self._open = Gauge(
            "peer_circuit_open",
            "1 while a service that does not answer is left alone",
            ["peer"],
            registry=registry or CollectorRegistry(),
        )

    def attach(self, name: str, app: ASGIApp) -> None:
        """Reach the service `name` in this process, by a call of its app."""
        self._lines[name] = self._line(name, f"http://{name}", httpx.ASGITransport(app))

    def to(self, name: str) -> Line:
        """Return the line to `name`; it connects with the first call."""
        if name not in self._lines:
            if name not in self._urls:
                raise LookupError(f"no service {name} is attached, and no URL is set for it")
            self._lines[name] = self._line(name, self._urls[name], None)
        return self._lines[name]

    async def close(self) -> None:
        """End the connections."""
        for line in self._lines.values():
            await line.client.aclose()

    def _line(self, name: str, url: str, transport: httpx.ASGITransport | None) -> Line:
        client = httpx.AsyncClient(transport=transport, base_url=url, timeout=self._timeout)
        return Line(name, client, Circuit(self._open.labels(name), rest_seconds=self._rest_seconds))
