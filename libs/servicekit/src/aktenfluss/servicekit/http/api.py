"""The HTTP app of a service, with everything that services have in common wired in."""

from typing import Any

import orjson
from fastapi import APIRouter, FastAPI, Response
from starlette.middleware import Middleware

from .edge import Edge
from .exchange import ApiResources
from .openapi import complete
from .policy import Public
from .problems import handle_problems
from .routing import GuardedRoute, RouteWithoutPolicyError, tell_verbs_from_names

TELEMETRY: Any = {"logs": False, "operation_spans": False, "auto_configure": False}
"""The framework's telemetry records the values of requests unless it is told not to."""


class ServiceApp(FastAPI):
    """A FastAPI app whose description names its problems and who may do what."""

    def openapi(self) -> dict[str, Any]:
        if not self.openapi_schema:
            self.openapi_schema = complete(super().openapi(), self.routes)
        return self.openapi_schema


class Api:
    """Builds `app`; routers are added by `include`."""

    def __init__(
        self, *, name: str, title: str, description: str, resources: ApiResources, version: str = "1.0.0"
    ) -> None:
        edge = Middleware(Edge, service=name, version=version, resources=resources)
        self.app = ServiceApp(
            title=title,
            description=description,
            version=version,
            telemetry=TELEMETRY,
            openapi_url=None,
            docs_url=None,
            redoc_url=None,
            redirect_slashes=False,
            middleware=[edge],
        )
        handle_problems(self.app)
        self.include(self._description())

    def include(self, router: APIRouter) -> None:
        """Add the routes of `router`. Raises RouteWithoutPolicyError where one does not say who may use it."""
        guarded = [route for route in router.routes if isinstance(route, GuardedRoute)]
        for route in router.routes:
            if route not in guarded:
                raise RouteWithoutPolicyError(f"{route!r} is no IdempotentRoute or GuardedRoute")
        tell_verbs_from_names(guarded)
        # As they are: the framework's own include_router matches every request twice.
        self.app.router.routes.extend(router.routes)

    def _description(self) -> APIRouter:
        router = APIRouter(route_class=GuardedRoute)

        @router.get("/openapi.json", include_in_schema=False, dependencies=[Public("it describes, it holds nothing")])
        async def read_description() -> Response:
            return Response(orjson.dumps(self.app.openapi()), media_type="application/json")

        return router
