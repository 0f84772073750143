"""A node is emptied: evictions wait where they would leave nobody to answer."""

import json
from collections.abc import Iterator

import pytest
from tools.kubernetes.node import NAME
from tools.servers import ServerError

from .installation import Installation
from .pods import Pod
from .retrying import Patrons
from .waiting import wait_for

pytestmark = pytest.mark.kubernetes


@pytest.fixture
def cordoned(installation: Installation) -> Iterator[None]:
    """Let no pod start; what is missing afterwards starts then."""
    installation.kubectl("cordon", NAME)
    yield
    installation.kubectl("uncordon", NAME)
    wait_for("all pods ready", installation.is_ready)


@pytest.fixture
def evict(installation: Installation, tmp_path):
    """Ask for the end of a pod, as `kubectl drain` does for each."""

    def ask(pod: Pod) -> None:
        metadata = {"name": pod.name, "namespace": pod.namespace}
        file = tmp_path / "eviction.json"
        file.write_text(json.dumps({"apiVersion": "policy/v1", "kind": "Eviction", "metadata": metadata}))
        path = f"/api/v1/namespaces/{pod.namespace}/pods/{pod.name}/eviction"
        installation.kubectl("create", "--raw", path, "--filename", str(file))

    return ask


def test_one_of_two_pods_stays_until_the_other_has_a_successor(
    installation: Installation, cordoned: None, patrons: Patrons, evict
) -> None:
    first, second = installation.pods.of(workload="cases")
    evict(first)
    with pytest.raises(ServerError, match="disruption budget"):
        evict(second)
    patrons.wait_for_more(50)

    installation.kubectl("uncordon", NAME)
    wait_for("a successor", installation.is_ready)
    evict(second)
    wait_for("both anew", lambda: installation.is_ready() and second not in installation.pods.of(workload="cases"))

    patrons.wait_for_more(10)
    assert patrons.failures == []
