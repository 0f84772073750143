"""What the chart makes, and what the code says that it should."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools.chart.manifests import Manifest

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Manifests:
    """What Kubernetes gets with one of the examples."""

    objects: list[Manifest]

    def of(self, *kinds: str) -> list[Manifest]:
        return [found for found in self.objects if found["kind"] in kinds]

    def named(self, kind: str, name: str) -> Manifest:
        return next(found for found in self.of(kind) if found["metadata"]["name"] == name)

    @property
    def pods(self) -> dict[str, Any]:
        """The pods that are made, by the name of what makes them."""
        templates = {found["metadata"]["name"]: found["spec"]["template"] for found in self.of("Deployment", "Job")}
        for job in self.of("CronJob"):
            templates[job["metadata"]["name"]] = job["spec"]["jobTemplate"]["spec"]["template"]
        return templates | {found["metadata"]["name"]: found for found in self.of("Pod")}

    def environment(self, pod: Any) -> dict[str, str | None]:
        """Return the variables of a pod: those in plain with their values, those out of Secrets with None."""
        (container,) = pod["spec"]["containers"]
        plain = {}
        for source in container.get("envFrom", []):
            plain |= self.named("ConfigMap", source["configMapRef"]["name"])["data"]
        return plain | {variable["name"]: variable.get("value") for variable in container.get("env", [])}


def service_of(pod: Any) -> str:
    return pod["metadata"]["labels"]["app.kubernetes.io/component"]


def key_files(pod: Any) -> set[str]:
    """Return the names of the keys that a pod finds in its folder."""
    keys = next(volume["projected"] for volume in pod["spec"]["volumes"] if volume["name"] == "keys")
    return {item["path"] for source in keys["sources"] for item in source["secret"]["items"]}


def keywords(path: Path, function: str) -> dict[str, ast.expr]:
    """Return what `function` is called with, by name, in the module at `path`; nothing where it is not called."""
    return {keyword.arg: keyword.value for call in calls(path, function) for keyword in call.keywords if keyword.arg}


def calls(path: Path, function: str) -> Iterator[ast.Call]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == function:
            yield node
