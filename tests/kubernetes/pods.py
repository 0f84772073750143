"""The pods of the product, and of the door and the names before them, as the cluster tells of them."""

import json
from dataclasses import dataclass
from typing import Any

from tools.kubernetes import Cluster

from .release import NAMESPACE

SYSTEM = "kube-system"


@dataclass(frozen=True, slots=True)
class Pod:
    """One pod that was not told to end."""

    namespace: str
    name: str
    uid: str
    workload: str
    image: str
    ready: bool


class Pods:
    """What runs, and what should."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster

    def of(self, namespace: str = NAMESPACE, workload: str = "") -> list[Pod]:
        """Return the pods of the Deployments in a namespace, or of one of them, `cases-worker` for example."""
        pods = [
            as_pod(found) for found in self._items(namespace, "pods") if "deletionTimestamp" not in found["metadata"]
        ]
        return [pod for pod in pods if pod.workload and workload in ("", pod.workload)]

    def uids(self) -> set[str]:
        """Return what tells the pods of the product from those that take their place."""
        return {pod.uid for pod in self.of()}

    def are_ready(self, namespace: str = NAMESPACE) -> bool:
        """Tell whether every Deployment has all its pods, ready, and none that is left over."""
        return all(map(is_complete, self._items(namespace, "deployments")))

    def kill(self, pod: Pod) -> None:
        self._cluster.kill_pod(pod.namespace, pod.name)

    def _items(self, namespace: str, kind: str) -> list[dict[str, Any]]:
        return json.loads(self._cluster.kubectl(f"--namespace={namespace}", "get", kind, "--output=json"))["items"]


def as_pod(found: dict[str, Any]) -> Pod:
    about, status = found["metadata"], found["status"]
    labels = about["labels"]
    workload = labels.get("aktenfluss.de/workload") or labels.get("app") or labels.get("k8s-app", "")
    ready = any(state["type"] == "Ready" and state["status"] == "True" for state in status.get("conditions", []))
    image = found["spec"]["containers"][0]["image"]
    return Pod(about["namespace"], about["name"], about["uid"], workload, image, ready)


def is_complete(deployment: dict[str, Any]) -> bool:
    status, wanted = deployment["status"], deployment["spec"]["replicas"]
    counts = [status.get(name, 0) for name in ("replicas", "updatedReplicas", "readyReplicas", "availableReplicas")]
    return counts == [wanted] * 4 and status["observedGeneration"] == deployment["metadata"]["generation"]
