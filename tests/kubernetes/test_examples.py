"""A real API server takes the examples of the chart, with all rules of the definitions that extend it."""

from pathlib import Path

import pytest
from tools.chart.programs import definitions
from tools.chart.renderings import examples, rendered
from tools.kubernetes import Cluster

pytestmark = pytest.mark.kubernetes
NAMESPACE = "examples"


@pytest.fixture(scope="module")
def extended(kubernetes: Cluster) -> Cluster:
    """Give a cluster that knows the objects of KEDA, Envoy Gateway and the Prometheus operator; nobody acts on them."""
    files = [f"--filename={definition}" for definition in definitions()]
    kubernetes.kubectl("apply", "--server-side", "--force-conflicts", *files)
    kubernetes.kubectl("create", "namespace", NAMESPACE)
    kubernetes.kubectl("create", "serviceaccount", "aktenfluss", f"--namespace={NAMESPACE}")  # no Pod without one
    kubernetes.kubectl("wait", "--for=condition=Established", "customresourcedefinitions", "--all")
    return kubernetes


@pytest.mark.parametrize("example", examples(), ids=lambda example: example.stem)
def test_the_api_server_takes_every_object(extended: Cluster, example: Path) -> None:
    dry = ("--server-side", "--dry-run=server", "--validate=strict", "--force-conflicts")

    told = extended.kubectl("apply", f"--namespace={NAMESPACE}", *dry, "--filename", rendered(example))

    assert told.count("serverside-applied (server dry run)") == rendered(example).read_text().count("\nkind: ")
