"""What is known about one request while it is served; kept in its ASGI scope."""

from dataclasses import dataclass
from typing import Any, Protocol, cast
from uuid import UUID

from prometheus_client import CollectorRegistry

from aktenfluss.kernel import Principal

from ..database.database import Database
from ..identity import Grant, Grants, TokenVerifier
from ..tracing import Tracing

SCOPE_KEY = "aktenfluss.exchange"


@dataclass(frozen=True, slots=True)
class Caller:
    """A caller at a route that accepts grants; `grant` is what it may fetch, None for one admitted by its role."""

    principal: Principal
    grant: Grant | None = None


class ApiResources(Protocol):
    """What an app needs of the resources of its service."""

    @property
    def verifier(self) -> TokenVerifier: ...
    @property
    def grants(self) -> Grants: ...
    @property
    def database(self) -> Database | None:
        """None where the service keeps nothing; it has no route that honours Idempotency-Key then."""
        ...

    @property
    def registry(self) -> CollectorRegistry: ...
    @property
    def tracing(self) -> Tracing: ...


@dataclass(slots=True)
class Exchange:
    """One request: its id, its caller once known, and the problem it ended with."""

    resources: ApiResources
    request_id: str
    started: float
    caller: Caller | None = None
    status: int = 0
    problem: str | None = None
    occurrence: UUID | None = None


def exchange_of(scope: Any) -> Exchange:
    """Return the exchange that the edge of the app put into the scope."""
    return cast("Exchange", scope[SCOPE_KEY])
