"""Checks manifests against the schemas of Kubernetes and of what extends it; a field that nobody knows is a fault."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import jsonschema
import kubernetes_validate
import yaml

type Manifest = dict[str, Any]
type Kind = tuple[str, str]
"""apiVersion and kind."""


def read(path: Path) -> list[Manifest]:
    """Return the objects in a file of manifests."""
    return [found for found in yaml.load_all(path.read_text(), yaml.CSafeLoader) if found]


def kind_of(manifest: Manifest) -> Kind:
    return manifest["apiVersion"], manifest["kind"]


def name_of(manifest: Manifest) -> str:
    return f"{manifest['kind']} {manifest['metadata']['name']}"


def own_faults(manifests: Sequence[Manifest], version: str) -> Iterator[str]:
    """Tell what is wrong with objects that are Kubernetes' own."""
    for manifest in filter(is_own, manifests):
        try:
            kubernetes_validate.validate(manifest, version, strict=True)
        except kubernetes_validate.ValidationError as exc:
            yield f"{name_of(manifest)}: {'.'.join(map(str, exc.path))}: {exc.message}"


def is_own(manifest: Manifest) -> bool:
    """Tell whether the kind is of Kubernetes itself, and not of a project that extends it."""
    group = manifest["apiVersion"].rpartition("/")[0]
    return "." not in group or group in {"networking.k8s.io", "rbac.authorization.k8s.io"}


def extended_faults(manifests: Sequence[Manifest], schemas: Mapping[Kind, Any]) -> Iterator[str]:
    """Tell what is wrong with the other objects; each needs a definition."""
    for manifest in manifests:
        if is_own(manifest):
            continue
        schema = schemas.get(kind_of(manifest))
        if schema is None:
            yield f"{name_of(manifest)}: nobody defines {kind_of(manifest)}"
            continue
        for fault in jsonschema.Draft202012Validator(schema).iter_errors(manifest):
            yield f"{name_of(manifest)}: {'.'.join(map(str, fault.path))}: {fault.message}"


def schemas_of(definitions: Sequence[Path]) -> dict[Kind, Any]:
    """Return the schema of each kind that custom resource definitions describe."""
    schemas: dict[Kind, Any] = {}
    for definition in (found for path in definitions for found in read(path)):
        if definition["kind"] != "CustomResourceDefinition":
            continue
        spec = definition["spec"]
        for version in spec["versions"]:
            kind = f"{spec['group']}/{version['name']}", spec["names"]["kind"]
            schemas[kind] = strict(version["schema"]["openAPIV3Schema"])
    return schemas


def strict(schema: Any) -> Any:
    """Return the schema without fields that it does not name: Kubernetes would drop them in silence."""
    if isinstance(schema, list):
        return [strict(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {key: closing(key)(value) for key, value in schema.items()}
    if "properties" in closed and not closed.get("x-kubernetes-preserve-unknown-fields"):
        closed.setdefault("additionalProperties", False)
    return closed


def closing(key: str) -> Callable[[Any], Any]:
    """Return what to do with the value of a keyword: alternatives of a schema only narrow down what stands beside them."""
    if key in {"anyOf", "oneOf", "allOf", "not", "default", "enum", "x-kubernetes-validations"}:
        return lambda value: value
    if key == "properties":
        return lambda value: {name: strict(part) for name, part in value.items()}
    return strict
