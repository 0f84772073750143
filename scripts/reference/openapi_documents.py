"""The HTTP interface of each service, asked of its app; nothing is opened for it."""

import importlib
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, get_type_hints

import procrastinate
from procrastinate.testing import InMemoryConnector
from prometheus_client import CollectorRegistry

from aktenfluss.gateway import service as gateway
from aktenfluss.servicekit import FileStore, Resources, Service

SERVICES = ("audit", "cases", "documents", "scans")


def openapi_documents() -> dict[str, dict[str, Any]]:
    """Return the OpenAPI document of every service."""
    with TemporaryDirectory() as folder:
        services = list(built_services(Path(folder)))
        apps = {service.name: service.app for service in services}
        front = gateway.front(blank_resources("gateway", Path(folder)), services)
        return {name: app.openapi() for name, app in (apps | {"gateway": front}).items()}


def built_services(folder: Path) -> Iterator[Service]:
    """Wire every service; wiring opens nothing, so what it would use later may be missing."""
    for name in SERVICES:
        module = importlib.import_module(f"aktenfluss.{name}.service")
        settings = get_type_hints(module.build)["settings"]
        yield module.build(settings(_env_file=None), blank_resources(name, folder))


def blank_resources(name: str, folder: Path) -> Resources:
    """Return resources that hold nothing but what wiring touches; `folder` is for keys and objects."""
    nothing: Any = None
    return Resources(
        name=name,
        database=nothing,
        reads=nothing,
        jobs=procrastinate.App(connector=InMemoryConnector()),
        store=FileStore(folder / "objects"),
        verifier=nothing,
        grants=nothing,
        cursors=nothing,
        peers=nothing,
        clock=nothing,
        registry=CollectorRegistry(),
        key_folder=folder,
    )
