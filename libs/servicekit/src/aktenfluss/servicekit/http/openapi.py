"""The OpenAPI description: what the framework writes, with our problems, security and headers."""

import copy
from collections.abc import Iterable, Iterator
from typing import Any

from starlette.routing import BaseRoute

from aktenfluss.kernel import Problem

from ..errors import ServiceUnavailableError, StorageFullError
from ..identity import ForbiddenError, UnauthenticatedError
from .errors import (
    KIT_PROBLEMS,
    BodyTooLargeError,
    InternalError,
    InvalidRequestError,
    MalformedRequestError,
)
from .policy import GRANT_PARAMETER, PublicPolicy, RolePolicy
from .problems import MEDIA_TYPE, described, problems
from .routing import GuardedRoute

PROBLEM_SCHEMA = {
    "type": "object",
    "title": "Problem",
    "description": "An error as RFC 9457 shapes it; some problems have further members.",
    "required": ["type", "title", "status", "detail", "instance"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference", "description": "The page that explains the problem"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "instance": {"type": "string", "format": "uri", "description": "The occurrence, as the log names it"},
        "errors": {"type": "array", "items": {"type": "object"}},
    },
}
SECURITY_SCHEMES = {
    "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
    "grant": {"type": "apiKey", "in": "query", "name": GRANT_PARAMETER},
}
READING = frozenset({"GET", "HEAD"})
EVERYWHERE = (MalformedRequestError, InvalidRequestError, InternalError, ServiceUnavailableError)


def complete(schema: dict[str, Any], routes: Iterable[BaseRoute]) -> dict[str, Any]:
    """Return `schema` with every problem of every operation, listed once more under `x-problems` for their pages."""
    schema = copy.deepcopy(schema)
    pages = {problem.slug: described(problem) for problem in KIT_PROBLEMS}
    for route, operation in operations(schema, routes):
        complete_operation(operation, route)
        for response in operation["responses"].values():
            pages.update(move_pages(response))
    components = schema.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    schemas["Problem"] = PROBLEM_SCHEMA
    components["securitySchemes"] = SECURITY_SCHEMES
    schema["x-problems"] = [pages[slug] for slug in sorted(pages)]
    return schema


def operations(schema: dict[str, Any], routes: Iterable[BaseRoute]) -> Iterator[tuple[GuardedRoute, dict[str, Any]]]:
    for route in routes:
        if isinstance(route, GuardedRoute) and route.include_in_schema:
            for method in route.methods or ():
                yield route, schema["paths"][route.path_format][method.lower()]


def complete_operation(operation: dict[str, Any], route: GuardedRoute) -> None:
    responses = operation["responses"]
    responses.pop("422", None)
    for status, response in problems(*problems_of(route)).items():
        add_response(responses, str(status), response)
    for status, response in route.responses.items():
        if "x-problems" in response:
            add_response(responses, str(status), response)
    policy = route.policy
    if isinstance(policy, RolePolicy):
        operation["security"] = [{"bearer": []}, {"grant": []}] if policy.grants else [{"bearer": []}]
        operation["x-roles"] = sorted(policy.roles)
    if isinstance(policy, PublicPolicy):
        operation["security"] = []
        operation["x-public"] = policy.reason


def problems_of(route: GuardedRoute) -> list[type[Problem]]:
    """Return the problems that the kit answers with on this route, besides those that the route names."""
    found: list[type[Problem]] = [*EVERYWHERE, *route.own_problems]
    if isinstance(route.policy, RolePolicy):
        found += [UnauthenticatedError, ForbiddenError]
    if route.body_field is not None or not READING.issuperset(route.methods or ()):
        found += [BodyTooLargeError, StorageFullError]
    return found


def add_response(responses: dict[str, Any], status: str, addition: dict[str, Any]) -> None:
    present = responses.get(status, {})
    known = [page for page in present.get("x-problems", []) if isinstance(page, dict)]
    slugs = {page["slug"] for page in known}
    pages = known + [page for page in addition["x-problems"] if page["slug"] not in slugs]
    responses[status] = {
        "description": " · ".join(page["title"] for page in pages),
        "content": {**present.get("content", {}), MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        "x-problems": pages,
    }


def move_pages(response: dict[str, Any]) -> dict[str, Any]:
    """Leave the slugs in `response` and return the pages that stood there."""
    pages = {page["slug"]: page for page in response.get("x-problems", [])}
    if pages:
        response["x-problems"] = sorted(pages)
    return pages
