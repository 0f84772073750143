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
    wait_for("all pods ready", installation.is_ready)
    installation.kubectl("cordon", NAME)
    yield
    installation.kubectl("uncordon", NAME)
    wait_for("all pods ready", installation.is_ready)


@pytest.fixture
def evict(installation: Installation, tmp_path):
    """Ask for the end of a pod, as `kubectl drain` does for each; raises ServerError where the budget refuses."""

    def ask(pod: Pod) -> bool:
        metadata = {"name": pod.name, "namespace": pod.namespace}
        file = tmp_path / "eviction.json"
        file.write_text(json.dumps({"apiVersion": "policy/v1", "kind": "Eviction", "metadata": metadata}))
        path = f"/api/v1/namespaces/{pod.namespace}/pods/{pod.name}/eviction"
        installation.kubectl("create", "--raw", path, "--filename", str(file))
        return True

    return ask


def test_one_of_two_pods_stays_until_the_other_has_a_successor(
    installation: Installation, cordoned: None, patrons: Patrons, evict
) -> None:
    first, second = installation.pods.of(workload="cases")
    wait_for("leave to evict one", lambda: evict(first))
    with pytest.raises(ServerError, match="disruption budget"):
        evict(second)
    patrons.wait_for_more(50)

    installation.kubectl("uncordon", NAME)
    wait_for("a successor", installation.is_ready)
    wait_for("leave to evict the other", lambda: evict(second))  # the budget counts its pods a moment later
    wait_for("both anew", lambda: installation.is_ready() and second.uid not in installation.pods.uids())

    patrons.wait_for_more(10)
    assert patrons.failures == []
