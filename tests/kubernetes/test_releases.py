"""A release comes in and is gone back from under load, and nobody notices who tries a request twice."""

import pytest
from tests.faults.invariants import SERVICES

from .installation import Installation
from .retrying import Patrons

pytestmark = pytest.mark.kubernetes
NEXT = "next"


def tags(installation: Installation) -> set[str]:
    return {pod.image.rpartition(":")[2] for pod in installation.pods.of()}


def upgrade(installation: Installation) -> None:
    """Upgrade to images of another version; what is in them is the same."""
    [version] = tags(installation)
    for service in (*SERVICES, "gateway", "standalone"):
        image = f"localhost/aktenfluss-{service}"
        installation.cluster.tag(f"{image}:{version}", f"{image}:{NEXT}")
    installation.release.upgrade(image__tag=NEXT)


def test_an_upgrade_fails_no_request(installation: Installation, patrons: Patrons) -> None:
    upgrade(installation)

    assert tags(installation) == {NEXT}
    patrons.wait_for_more(10)
    assert patrons.failures == []


def test_the_way_back_fails_no_request(installation: Installation, patrons: Patrons) -> None:
    if tags(installation) != {NEXT}:
        upgrade(installation)
    installation.release.roll_back()

    assert NEXT not in tags(installation)
    patrons.wait_for_more(10)
    assert patrons.failures == []
