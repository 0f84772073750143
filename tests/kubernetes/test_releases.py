"""The release before is upgraded to this one, and gone back to, under load; nobody notices who tries a request twice."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.acceptance.contractor import Order
from tests.acceptance.test_backup import contents_of

from .filing import file_a_box, open_door
from .installation import Installation
from .release import Version
from .retrying import Patrons

pytestmark = pytest.mark.kubernetes
type Box = tuple[Order, dict[str, object]]


@pytest.fixture(scope="module", autouse=True)
def ends_with_this(installation: Installation, this: Version) -> Iterator[set[str]]:
    """Give the tags of the release before, of which the installation is; those who come later find this one."""
    before = tags(installation)
    installation.take_up(this)
    yield before
    if tags(installation) == before:
        installation.release.upgrade(this)


@pytest.fixture(scope="module")
def box(installation: Installation, tmp_path_factory: pytest.TempPathFactory) -> Box:
    """Give a box that the release before has filed."""
    return file_a_box(open_door(installation), tmp_path_factory.mktemp("box") / "BOX-1")


def tags(installation: Installation) -> set[str]:
    return {pod.image.rpartition(":")[2] for pod in installation.pods.of()}


def test_an_upgrade_fails_no_request(
    installation: Installation, this: Version, ends_with_this: set[str], box: Box, patrons: Patrons
) -> None:
    installation.release.upgrade(this)

    assert len(tags(installation)) == 1
    assert tags(installation) != ends_with_this
    patrons.wait_for_more(10)
    assert patrons.failures == []
    order, seen = box
    assert contents_of(open_door(installation), order) == seen


def test_the_way_back_fails_no_request(
    installation: Installation, this: Version, ends_with_this: set[str], box: Box, patrons: Patrons, tmp_path: Path
) -> None:
    if tags(installation) == ends_with_this:
        installation.release.upgrade(this)
    order, seen = file_a_box(open_door(installation), tmp_path / "BOX-2")
    installation.release.roll_back()

    assert tags(installation) == ends_with_this
    patrons.wait_for_more(10)
    assert patrons.failures == []
    assert contents_of(open_door(installation), order) == seen
    assert contents_of(open_door(installation), box[0]) == box[1]
