"""Routes that admit a caller before they read anything that it sent."""

import re
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute

from aktenfluss.kernel import Problem

from .body import DEFAULT_BODY_LIMIT, require_storable_url, strict_request
from .exchange import exchange_of
from .policy import PublicPolicy, RolePolicy, policy_of

type Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class RouteWithoutPolicyError(TypeError):
    """A route does not say who may use it: give it an `Allow(…)` parameter or `dependencies=[Public("…")]`."""


class GuardedRoute(APIRoute):
    """A route with a policy; use it directly for POST routes that stream or record a read, and so take no Idempotency-Key.

    `max_body_size=` in the decorator replaces the limit of 1 MiB; what is beyond answers `body-too-large`.
    """

    own_problems: tuple[type[Problem], ...] = ()
    """What this kind of route can answer with besides what its decorator names."""

    def __init__(
        self, path: str, endpoint: Callable[..., Any], *, max_body_size: int | None = None, **options: Any
    ) -> None:
        # Kept from the framework, whose own limit answers in plain text.
        self.body_limit = DEFAULT_BODY_LIMIT if max_body_size is None else max_body_size
        super().__init__(path, endpoint, **options)

    @property
    def policy(self) -> RolePolicy | PublicPolicy:
        policy = policy_of(self.dependant)
        if policy is None:
            raise RouteWithoutPolicyError(f"{self.methods} {self.path} has no policy")
        return policy

    def get_route_handler(self) -> Handler:
        answer, policy, limit = self.serving(super().get_route_handler()), self.policy, self.body_limit

        async def admitted(request: Request) -> Response:
            require_storable_url(request.scope)
            await policy.admit(request, exchange_of(request.scope))
            return await answer(strict_request(request, limit))

        return admitted

    def serving(self, answer: Handler) -> Handler:
        """Return how an admitted request is answered; `answer` parses it, calls the endpoint and shapes its result."""
        return answer


def tell_verbs_from_names(routes: Sequence[APIRoute]) -> None:
    """Let `/boxes/{box}` not match `/boxes/1:close` where that is a route of its own, whatever the method."""
    for route in routes:
        longer = (
            other.path for other in routes if route.path.endswith("}") and other.path.startswith(f"{route.path}:")
        )
        if verbs := sorted({re.escape(path.removeprefix(route.path)) for path in longer}):
            route.path_regex = re.compile(f"(?!.*(?:{'|'.join(verbs)})$){route.path_regex.pattern}")
