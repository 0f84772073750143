"""OpenAPI documents of several services made into one."""

from collections.abc import Iterator, Mapping
from typing import Any

type OpenApi = dict[str, Any]
type Name = tuple[str, str]
"""A component: its section (`schemas`, `responses`, …) and its name in it."""

VERSION = "3.1.0"
REFERENCE = "#/components/"


def merge(descriptions: Mapping[str, OpenApi]) -> OpenApi:
    """Return one document for all of `descriptions`, which are given by service.

    Operations are tagged with their service. Components that two services define differently keep apart as
    `<service>.<name>`; equal ones are told once.
    """
    services = sorted(descriptions)
    apart = different(descriptions)
    paths: OpenApi = {}
    components: dict[str, OpenApi] = {}
    for service in services:
        description = renamed(descriptions[service], service, apart)
        paths |= {path: tagged(item, service) for path, item in description.get("paths", {}).items()}
        for (section, name), component in components_of(description):
            components.setdefault(section, {})[name] = component
    tags = [{"name": service, "description": about(descriptions[service])} for service in services]
    info = {"title": "Aktenfluss", "version": newest(descriptions), "description": "The electronic case file."}
    return {"openapi": VERSION, "info": info, "tags": tags, "paths": paths, "components": components}


def components_of(description: OpenApi) -> Iterator[tuple[Name, Any]]:
    """Give every component of `description` with its section and name."""
    for section, named in description.get("components", {}).items():
        for name, component in named.items():
            yield (section, name), component


def different(descriptions: Mapping[str, OpenApi]) -> set[Name]:
    """Return the components that have the same name but not the same meaning in all services.

    A component that refers to such a one is one itself, even where its own text is the same everywhere.
    """
    texts: dict[Name, list[Any]] = {}
    for description in descriptions.values():
        for name, component in components_of(description):
            texts.setdefault(name, []).append(component)
    apart = {name for name, found in texts.items() if any(text != found[0] for text in found)}
    shared = {name: set(references(found[0])) for name, found in texts.items() if len(found) > 1}
    while caught := {name for name, referred in shared.items() if referred & apart} - apart:
        apart |= caught
    return apart


def references(part: Any) -> Iterator[Name]:
    """Give every component that `part` refers to."""
    if isinstance(part, dict):
        target = part.get("$ref")
        if isinstance(target, str) and target.startswith(REFERENCE):
            section, _, name = target.removeprefix(REFERENCE).partition("/")
            yield section, name
    for inner in children(part):
        yield from references(inner)


def children(part: Any) -> Iterator[Any]:
    if isinstance(part, dict):
        yield from part.values()
    elif isinstance(part, list):
        yield from part


def renamed(part: Any, service: str, apart: set[Name]) -> Any:
    """Return `part` with the components of `apart` named after `service`, where defined and where referred to."""
    if isinstance(part, list):
        return [renamed(inner, service, apart) for inner in part]
    if not isinstance(part, dict):
        return part
    copy = {key: renamed(inner, service, apart) for key, inner in part.items()}
    for section, name in apart.intersection(references({"$ref": part.get("$ref")})):
        copy["$ref"] = f"{REFERENCE}{section}/{service}.{name}"
    if "components" in part and "openapi" in part:
        copy["components"] = {
            section: {own_name(service, section, name, apart): text for name, text in named.items()}
            for section, named in copy["components"].items()
        }
    return copy


def own_name(service: str, section: str, name: str, apart: set[Name]) -> str:
    return f"{service}.{name}" if (section, name) in apart else name


def tagged(item: OpenApi, service: str) -> OpenApi:
    """Return the path item with its operations tagged with `service`; what is not an operation stays."""
    return {
        method: operation | {"tags": [service]} if isinstance(operation, dict) else operation
        for method, operation in item.items()
    }


def about(description: OpenApi) -> str:
    return str(description.get("info", {}).get("description", ""))


def newest(descriptions: Mapping[str, OpenApi]) -> str:
    versions = [str(description.get("info", {}).get("version", "0")) for description in descriptions.values()]
    return max(versions, key=lambda version: [int(part) for part in version.split(".") if part.isdigit()], default="0")


def collections(description: OpenApi) -> list[str]:
    """Return the paths of the collections of `description`, `/v1/case-files` for example."""
    found = {"/".join(path.split("/")[:3]).partition(":")[0] for path in description.get("paths", {})}
    return sorted(path for path in found if path.startswith("/v1/"))
