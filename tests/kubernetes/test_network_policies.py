"""Each process reaches what it needs and nothing else, and nobody else's pod reaches a process."""

import json
from collections.abc import Iterator

import pytest
from tenacity import retry, retry_if_exception_type, stop_after_delay, wait_fixed
from tools.kubernetes import network
from tools.servers import ServerError

from aktenfluss.testkit import PATIENCE_SECONDS

from .installation import PORTS, Installation
from .release import NAMESPACE
from .waiting import PAUSE_SECONDS

pytestmark = pytest.mark.kubernetes
SERVERS = dict(zip(("database", "bus", "store"), PORTS, strict=True))
REACHES = {
    "audit": {"database", "bus", "store"},
    "cases": {"database", "store"},
    "cases-worker": {"database", "bus", "store"},
    "documents": {"database", "bus", "store"},
    "gateway": {"audit", "cases", "documents", "scans"},
    "scans": {"database", "bus", "store", "cases", "documents"},
}
TARGETS = [
    *((name, f"aktenfluss-{name}.{NAMESPACE}", 8080) for name in REACHES),
    *((name, network.ADDRESS, port) for name, port in SERVERS.items()),
    ("kubernetes", "kubernetes.default", 443),
]
CONNECT = """
import json, socket, sys
from concurrent.futures import ThreadPoolExecutor

def is_reached(target):
    try:
        socket.create_connection(target[1:], timeout=5).close()
    except TimeoutError:
        return False
    return True

targets = json.loads(sys.argv[1])
with ThreadPoolExecutor(len(targets)) as pool:
    print(json.dumps([target[0] for target, reached in zip(targets, pool.map(is_reached, targets)) if reached]))
"""
"""A packet that is not let through is dropped; a connection that is refused, or a name that is not known, is an error."""


@pytest.fixture(autouse=True)
def enforced(installation: Installation) -> None:
    if not network.enforces_policies():
        pytest.skip("this kernel has no queues for packets (NFQUEUE), so nobody enforces NetworkPolicies")


@pytest.fixture(params=[NAMESPACE, "elsewhere"])
def stranger(request: pytest.FixtureRequest, installation: Installation) -> Iterator[str]:
    """Give the namespace of a pod that is not of the product: beside its pods, or in another namespace."""
    if request.param != NAMESPACE:
        installation.apply({"kind": "Namespace", "metadata": {"name": request.param}})
    installation.apply(pod_of(request.param, installation.pods.of(workload="gateway")[0].image))
    where = f"--namespace={request.param}"
    installation.cluster.kubectl(where, "wait", "--for=condition=Ready", "pod/stranger", "--timeout=120s")
    yield request.param
    installation.cluster.kubectl(where, "delete", "pod/stranger", "--now")


def pod_of(namespace: str, image: str) -> dict[str, object]:
    """Return a pod that does nothing, of the standard *restricted*."""
    security = {
        "runAsNonRoot": True,
        "allowPrivilegeEscalation": False,
        "capabilities": {"drop": ["ALL"]},
        "seccompProfile": {"type": "RuntimeDefault"},
    }
    idle = ["python", "-c", "import signal; signal.pause()"]
    container = {"name": "stranger", "image": image, "imagePullPolicy": "Never", "command": idle}
    return {
        "kind": "Pod",
        "metadata": {"name": "stranger", "namespace": namespace},
        "spec": {"containers": [container | {"securityContext": security}]},
    }


# A Service refuses until the proxy of the node has heard of its pods, a moment after they are ready.
@retry(
    retry=retry_if_exception_type(ServerError),
    stop=stop_after_delay(PATIENCE_SECONDS),
    wait=wait_fixed(PAUSE_SECONDS),
    reraise=True,
)
def reached_from(installation: Installation, namespace: str, pod: str, itself: str = "") -> set[str]:
    """Return the names of those others to whom a connection from a pod is let through; nobody keeps a pod from itself."""
    others = json.dumps([target for target in TARGETS if target[0] != itself])
    inside = (f"--namespace={namespace}", "exec", pod, "--", "python", "-c", CONNECT, others)
    return set(json.loads(installation.cluster.kubectl(*inside)))


def test_the_table_has_every_process(installation: Installation) -> None:
    assert {pod.workload for pod in installation.pods.of()} == REACHES.keys()


@pytest.mark.parametrize("process", REACHES)
def test_a_process_reaches_what_it_needs_alone(installation: Installation, process: str) -> None:
    assert reached_from(installation, NAMESPACE, f"deployment/aktenfluss-{process}", process) == REACHES[process]


def test_nobody_else_reaches_a_process(installation: Installation, stranger: str) -> None:
    assert reached_from(installation, stranger, "pod/stranger") == {*SERVERS, "kubernetes"}
