"""Wires the public door in front of the services of one process."""

from collections.abc import Sequence

from fastapi import FastAPI
from starlette.types import ASGIApp

from aktenfluss.servicekit import Api, ApiResources, Service

from .adapters.app_descriptions import AppDescriptions
from .api.dispatcher import Dispatcher
from .api.routes import routes
from .use_cases.describe_api import DescribeApi
from .use_cases.find_problem_type import FindProblemType

NAME = "gateway"


def build(resources: ApiResources, services: Sequence[Service]) -> ASGIApp:
    """Return the root app: what begins with a prefix of a service goes there, the rest is the gateway's own."""
    prefixes: dict[str, ASGIApp] = {prefix: service.app for service in services for prefix in service.prefixes}
    return Dispatcher(prefixes, fallback=front(resources, services))


def front(resources: ApiResources, services: Sequence[Service]) -> FastAPI:
    """Return the gateway's own app."""
    api = Api(
        name=NAME,
        title="Gateway",
        description="Where to begin: the catalogue of the APIs, their description, and what their errors mean.",
        resources=resources,
    )
    descriptions = AppDescriptions({service.name: service.app for service in services} | {NAME: api.app})
    own = routes(DescribeApi(descriptions), FindProblemType(descriptions))
    # Before the routes that every app has: at this door /openapi.json describes all services.
    api.app.router.routes[:0] = own.routes
    return api.app
