"""Wires the public door: in front of the services of one process, or as a process of its own."""

from collections.abc import Sequence

from fastapi import FastAPI
from starlette.types import ASGIApp

from aktenfluss.servicekit import Api, ApiResources, Installation, Joined, Service, ServiceSettings

from .adapters.app_descriptions import AppDescriptions
from .adapters.peer_descriptions import PeerDescriptions
from .api.dispatcher import Dispatcher
from .api.routes import routes
from .domain.ports import ApiDescriptions
from .use_cases.describe_api import DescribeApi
from .use_cases.find_problem_type import FindProblemType

NAME = "gateway"


def build(resources: ApiResources, services: Sequence[Service]) -> ASGIApp:
    """Return the root app: what begins with a prefix of a service goes there, the rest is the gateway's own."""
    prefixes: dict[str, ASGIApp] = {prefix: service.app for service in services for prefix in service.prefixes}
    return Dispatcher(prefixes, fallback=front(resources, services))


def front(resources: ApiResources, services: Sequence[Service]) -> FastAPI:
    """Return the gateway's own app, about the services of this process."""
    api = own_api(resources)
    return telling(api, AppDescriptions({service.name: service.app for service in services} | {NAME: api.app}))


async def join(settings: ServiceSettings, installation: Installation) -> Joined:
    """Return the gateway's own app, about the services of `PEER_URLS`; it hands nothing on and keeps nothing."""
    api = own_api(installation)
    own = AppDescriptions({NAME: api.app})
    return [], telling(api, PeerDescriptions(installation.peers.named(NAME), settings.peer_urls, own))


def own_api(resources: ApiResources) -> Api:
    """Return what the gateway's app begins with."""
    return Api(
        name=NAME,
        title="Gateway",
        description="Where to begin: the catalogue of the APIs, their description, and what their errors mean.",
        resources=resources,
    )


def telling(api: Api, descriptions: ApiDescriptions) -> FastAPI:
    """Return the app of `api` with the routes that tell of `descriptions`."""
    own = routes(DescribeApi(descriptions), FindProblemType(descriptions))
    # Before the routes that every app has: at this door /openapi.json describes all services.
    api.app.router.routes[:0] = own.routes
    return api.app
