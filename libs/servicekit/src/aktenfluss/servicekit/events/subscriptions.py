"""What a service listens to: handlers by event type."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from aktenfluss.kernel import Event

type Handler = Callable[[Event], Awaitable[None]]
EVERY_TYPE = "*"


@dataclass(frozen=True, slots=True)
class Subscriptions:
    """Handlers by event type, and the services whose topics they are on.

    The type `*` takes every event. A handler runs inside the transaction that also writes the inbox row: what it
    changes through its unit of work commits with it, exactly once.
    """

    services: frozenset[str] = frozenset()
    handlers: Mapping[str, Handler] = field(default_factory=dict)

    def handler_of(self, event: Event) -> Handler | None:
        """Return who handles `event`, or None where nobody listens to its type."""
        return self.handlers.get(event.type) or self.handlers.get(EVERY_TYPE)
