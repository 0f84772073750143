"""The list of what is in an image, as CycloneDX 1.6: the packages of the lock file, and those of the base where it was made."""

import json
import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from tools.servers.cache import run

from .product import Release, left_out_of, member_of
from .store import ROOT, ImagesError, uv

type Json = dict[str, Any]


def write(service: str, release: Release, base: str, folder: Path) -> Path:
    """Write the list of an image; `base` has a line `name=version` for each package of the base."""
    parts = parts_of(service)
    parts["components"] += [debian(*line.split("=", 1)) for line in base.splitlines()]
    return store(dated(parts, service, release), folder / f"{service}.cdx.json")


def parts_of(service: str) -> Json:
    """Return what the lock file says of an image."""
    project = ("--project", ROOT, "--package", f"aktenfluss-{member_of(service)}")
    options = ("--frozen", "--quiet", "--no-dev", "--all-extras", "--format", "cyclonedx1.5")
    without = ("--no-extra", extra) if (extra := left_out_of(service)) else ()
    exported: Json = json.loads(run(uv(), "export", *project, *options, *without))
    return exported


def debian(name: str, version: str) -> Json:
    purl = f"pkg:deb/debian/{name}@{version.replace('+', '%2B').replace(':', '%3A')}?distro=trixie"
    return {"type": "library", "bom-ref": purl, "name": name, "version": version, "purl": purl}


def dated(parts: Json, service: str, release: Release) -> Json:
    """Return the list in the words of 1.6, with the moment and a number that follow from what it says."""
    created = datetime.fromtimestamp(release.epoch, UTC).isoformat()
    parts |= {"$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json", "specVersion": "1.6"}
    parts["metadata"]["timestamp"] = created
    parts["metadata"]["tools"] = {"components": [{"type": "application", **tool} for tool in tools_of(parts)]}
    parts["metadata"]["component"] |= {"type": "container", "name": release.name(service), "version": release.version}
    del parts["serialNumber"]
    number = uuid.uuid5(uuid.NAMESPACE_URL, json.dumps(parts, sort_keys=True))
    return parts | {"serialNumber": f"urn:uuid:{number}"}


def tools_of(parts: Json) -> list[Json]:
    return [{"name": tool["name"], "version": tool["version"]} for tool in parts["metadata"]["tools"]]


def store(parts: Json, target: Path) -> Path:
    """Write a list that the schema of CycloneDX 1.6 takes; raise ImagesError where it does not."""
    text = json.dumps(parts, indent=2, sort_keys=True)
    if fault := JsonStrictValidator(SchemaVersion.V1_6).validate_str(text):
        raise ImagesError(f"{target.name} is not CycloneDX 1.6: {fault}")
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text + "\n")
    return target
