"""A release comes in and is gone back from under load, and nobody notices who tries a request twice."""

import pytest

from .installation import Installation
from .retrying import Patrons

pytestmark = pytest.mark.kubernetes
NEXT = "next"


def tags(installation: Installation) -> set[str]:
    return {pod.image.rpartition(":")[2] for pod in installation.pods.of()}


def test_an_upgrade_and_the_way_back_fail_no_request(installation: Installation, patrons: Patrons) -> None:
    [before] = tags(installation)
    for image in {pod.image for pod in installation.pods.of()} | {"localhost/aktenfluss-standalone:" + before}:
        installation.cluster.tag(image, image.replace(before, NEXT))

    installation.release.upgrade(image__tag=NEXT)
    assert tags(installation) == {NEXT}
    patrons.wait_for_more(10)
    assert patrons.failures == []

    installation.release.roll_back()
    assert tags(installation) == {before}
    patrons.wait_for_more(10)
    assert patrons.failures == []
