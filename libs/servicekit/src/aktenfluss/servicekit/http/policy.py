"""Who may use a route: every route says so, or the app does not start."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from fastapi import Request
from fastapi.dependencies.models import Dependant
from fastapi.params import Depends
from starlette.routing import BaseRoute

from aktenfluss.kernel import Principal, Role

from ..identity import ForbiddenError, UnauthenticatedError
from .exchange import Caller, Exchange, exchange_of

GRANT_PARAMETER = "grant"


@dataclass(frozen=True)
class RolePolicy:
    """Admits callers with one of the roles, and bearers of a grant where the route accepts them."""

    roles: frozenset[Role]
    grants: bool = False

    async def admit(self, request: Request, exchange: Exchange) -> None:
        """Return if the request may pass; raise UnauthenticatedError or ForbiddenError if not."""
        authorization = request.headers.get("authorization")
        if authorization is None and self.grants and GRANT_PARAMETER in request.query_params:
            exchange.caller = self._bearer_of_grant(request.query_params[GRANT_PARAMETER], exchange)
            return
        principal = await exchange.resources.verifier.verify(bearer_token(authorization), exchange.request_id)
        exchange.caller = Caller(principal)
        if self.roles.isdisjoint(principal.roles):
            names = ", ".join(sorted(self.roles))
            raise ForbiddenError(f"This needs one of the roles {names}.")

    async def __call__(self, request: Request) -> Any:
        """Hand the caller to the endpoint: as a Principal, or with its grant where grants are accepted."""
        caller = exchange_of(request.scope).caller
        assert caller is not None
        return caller if self.grants else caller.principal

    def _bearer_of_grant(self, text: str, exchange: Exchange) -> Caller:
        grant = exchange.resources.grants.verify(text)
        return Caller(Principal(grant.subject, grant.tenant_id, correlation_id=exchange.request_id), grant)


@dataclass(frozen=True)
class PublicPolicy:
    """Admits everybody, for a reason."""

    reason: str

    async def admit(self, _request: Request, _exchange: Exchange) -> None:
        return

    async def __call__(self) -> None:
        return


class Allow(Depends):
    """Declares that callers with one of `roles` may use the route: `Annotated[Principal, Allow(Role.CLERK)]`.

    With `grants` also bearers of a grant in the query; then the parameter is a Caller instead of a Principal.
    """

    def __init__(self, *roles: Role, grants: bool = False) -> None:
        if not roles:
            raise ValueError("a route allows at least one role")
        super().__init__(RolePolicy(frozenset(roles), grants))


class Public(Depends):
    """Declares that everybody may use the route, and why that is right: `dependencies=[Public("…")]`."""

    def __init__(self, reason: str) -> None:
        if not reason:
            raise ValueError("a public route gives its reason")
        super().__init__(PublicPolicy(reason))


def policy_of(dependant: Dependant) -> RolePolicy | PublicPolicy | None:
    """Return the policy among the parameters and dependencies of a route."""
    calls = (part.call for part in dependant.dependencies)
    return next((call for call in calls if isinstance(call, RolePolicy | PublicPolicy)), None)


def routes_without_policy(routes: Iterable[BaseRoute]) -> list[str]:
    """Return the paths of those routes that do not say who may use them; tests want none."""
    return [
        getattr(route, "path", repr(route))
        for route in routes
        if policy_of(getattr(route, "dependant", Dependant())) is None
    ]


def bearer_token(authorization: str | None) -> str:
    if authorization is None:
        raise UnauthenticatedError("The Authorization header is missing.")
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise UnauthenticatedError("The Authorization header is not `Bearer` and a token.")
    return token
