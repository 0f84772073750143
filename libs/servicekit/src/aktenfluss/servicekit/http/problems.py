"""Problems become RFC 9457 answers: one table of kinds, one shape for every error there is."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import orjson
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.routing import Match

from aktenfluss.kernel import Kind, Problem, new_id

from .errors import (
    BodyTooLargeError,
    InternalError,
    InvalidRequestError,
    MalformedRequestError,
    MethodNotAllowedError,
    NotFoundError,
)
from .exchange import exchange_of

MEDIA_TYPE = "application/problem+json"
MAX_ERRORS = 100

STATUS: Mapping[Kind, int] = {
    Kind.MALFORMED: 400,
    Kind.UNAUTHENTICATED: 401,
    Kind.FORBIDDEN: 403,
    Kind.NOT_FOUND: 404,
    Kind.METHOD_NOT_ALLOWED: 405,
    Kind.NOT_ACCEPTABLE: 406,
    Kind.CONFLICT: 409,
    Kind.PRECONDITION_FAILED: 412,
    Kind.TOO_LARGE: 413,
    Kind.UNSUPPORTED_MEDIA_TYPE: 415,
    Kind.RANGE_NOT_SATISFIABLE: 416,
    Kind.INVALID: 422,
    Kind.PRECONDITION_REQUIRED: 428,
    Kind.TOO_MANY_REQUESTS: 429,
    Kind.INTERNAL: 500,
    Kind.UNAVAILABLE: 503,
    Kind.STORAGE_FULL: 507,
}
"""The one table from kinds to HTTP status codes."""

HEADERS: Mapping[Kind, Mapping[str, str]] = {
    Kind.UNAUTHENTICATED: {"WWW-Authenticate": "Bearer"},
    Kind.TOO_MANY_REQUESTS: {"Retry-After": "5"},
    Kind.UNAVAILABLE: {"Retry-After": "5"},
    Kind.STORAGE_FULL: {"Retry-After": "60"},
}

FROM_STATUS: Mapping[int, type[Problem]] = {
    HTTPStatus.NOT_FOUND: NotFoundError,
    HTTPStatus.METHOD_NOT_ALLOWED: MethodNotAllowedError,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: BodyTooLargeError,
}
DETAILS: Mapping[type[Problem], str] = {
    NotFoundError: "There is nothing under this path.",
    MethodNotAllowedError: "This resource does not know the method.",
    BodyTooLargeError: "The body is larger than this resource accepts.",
    MalformedRequestError: "The request cannot be read as what it claims to be.",
    InternalError: "The request failed inside; nothing of it was kept.",
}


def problem_response(problem: Problem, scope: Any, headers: Mapping[str, str] | None = None) -> Response:
    """Return the answer for `problem` and note it in the exchange, so that the access log names the occurrence."""
    exchange = exchange_of(scope)
    exchange.problem, exchange.occurrence = problem.slug, new_id()
    status = STATUS[problem.kind]
    body = {
        **problem.members,
        "type": f"/problems/{problem.slug}",
        "title": problem.title,
        "status": status,
        "detail": problem.detail,
        "instance": exchange.occurrence.urn,
    }
    return Response(
        orjson.dumps(body, default=str), status, {**HEADERS.get(problem.kind, {}), **(headers or {})}, MEDIA_TYPE
    )


def problems(*classes: type[Problem]) -> dict[int | str, dict[str, Any]]:
    """Return the `responses=` of a route that can answer with `classes`."""
    responses: dict[int | str, dict[str, Any]] = {}
    for problem in classes:
        response = responses.setdefault(STATUS[problem.kind], {"description": "", "x-problems": []})
        response["x-problems"].append(described(problem))
        response["description"] = " · ".join(item["title"] for item in response["x-problems"])
    return responses


def described(problem: type[Problem]) -> dict[str, Any]:
    """Return what the page of a problem says: its docstring holds the cause and the way out."""
    paragraphs = [" ".join(part.split()) for part in (problem.__doc__ or "").split("\n\n")]
    return {
        "slug": problem.slug,
        "title": problem.title,
        "status": STATUS[problem.kind],
        "description": "\n\n".join(paragraphs).strip(),
    }


def handle_problems(app: FastAPI) -> None:
    """Give `app` the handlers that turn every error of a request into a problem."""
    app.exception_handlers[Problem] = on_problem
    app.exception_handlers[RequestValidationError] = on_validation_error
    app.exception_handlers[HTTPException] = on_http_exception
    app.exception_handlers[ClientDisconnect] = on_disconnect


async def on_problem(request: Request, exc: Problem) -> Response:
    return problem_response(exc, request.scope)


async def on_validation_error(request: Request, exc: RequestValidationError) -> Response:
    return problem_response(problem_of(exc), request.scope)


async def on_disconnect(request: Request, _: ClientDisconnect) -> Response:
    return problem_response(MalformedRequestError("The body ended early."), request.scope)


async def on_http_exception(request: Request, exc: HTTPException) -> Response:
    """Answer for the framework; where it wrapped a problem that a body raised while being read, for that problem."""
    if isinstance(exc.__cause__, Problem):
        return problem_response(exc.__cause__, request.scope)
    if exc.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        headers = {"Allow": ", ".join(sorted(methods_of(request)))}
        return problem_response(MethodNotAllowedError(DETAILS[MethodNotAllowedError]), request.scope, headers)
    fallback = MalformedRequestError if exc.status_code < 500 else InternalError
    problem = FROM_STATUS.get(exc.status_code, fallback)
    return problem_response(problem(DETAILS[problem]), request.scope)


def methods_of(request: Request) -> set[str]:
    """Return the methods of all routes with the path of `request`; the framework names those of one of them."""
    routes = (route for route in request.app.routes if route.matches(request.scope)[0] is not Match.NONE)
    return {method for route in routes for method in getattr(route, "methods", None) or ()}


def problem_of(exc: RequestValidationError) -> Problem:
    failures = exc.errors()
    if any(failure["type"] == "json_invalid" for failure in failures):
        return MalformedRequestError(f"The body is not JSON: error at character {failures[0]['loc'][-1]}.")
    if isinstance(exc.body, bytes) and any(failure["loc"] == ("body",) for failure in failures):
        return MalformedRequestError("The body was not sent as JSON: Content-Type is not application/json.")
    return invalid_request(failures)


def invalid_request(failures: Sequence[Mapping[str, Any]]) -> InvalidRequestError:
    """Return the problem that lists pydantic's `failures`, the first hundred of them."""
    count = "One rule is" if len(failures) == 1 else f"{len(failures)} rules are"
    return InvalidRequestError(f"{count} broken.", errors=[listed(failure) for failure in failures[:MAX_ERRORS]])


def listed(failure: Mapping[str, Any]) -> dict[str, str]:
    """Return one broken rule: body values by JSON Pointer (RFC 6901, in its URI form), others by their name."""
    place, *path = failure["loc"]
    where = {"pointer": pointer(path)} if place == "body" else {"name": ".".join(str(part) for part in path)}
    return {"in": str(place), **where, "rule": failure["type"], "detail": failure["msg"]}


def pointer(path: Sequence[int | str]) -> str:
    escaped = (str(part).replace("~", "~0").replace("/", "~1") for part in path)
    return "#" + "".join(f"/{quote(part, safe='~!$&()*+,;=:@', errors='replace')}" for part in escaped)
