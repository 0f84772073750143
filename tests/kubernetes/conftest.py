"""The product on a real Kubernetes, made once for all tests; they are skipped, with the reason, where none can be made."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from tools.images import build, product, store
from tools.kubernetes import Cluster, UnavailableError, running

from .installation import Installation
from .release import Version
from .retrying import Patrons
from .versions import release_before

FOLDER = Path("build/kubernetes")
FIRST = ("test_releases.py",)
LAST = ("test_main_job.py", "test_backup.py", "test_text.py")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put first what begins with the release before, and last the acceptance suite, with the backup of what it filed.

    The suite leaves on purpose what the checks of the fault client call unfinished.
    """
    items.sort(key=place_of)


def place_of(item: pytest.Item) -> int:
    name = item.path.name if item.path.parent.name == "kubernetes" else ""
    return -1 if name in FIRST else LAST.index(name) + 1 if name in LAST else 0


@pytest.fixture(scope="session")
def images() -> list[Path]:
    """Give the archives in the folder that KUBERNETES_IMAGES names, else those of this tree; what is missing is built."""
    if given := os.environ.get("KUBERNETES_IMAGES"):
        return sorted(Path(given).glob("*.tar"))
    try:
        built = build.images(product.Release.of_tree("localhost", None))
    except store.UnavailableError as exc:
        pytest.skip(str(exc))
    return [Path(image.path) for image in built if image.service != "delivery"]


@pytest.fixture(scope="session")
def this(images: list[Path]) -> Version:
    """Give the product of this tree."""
    return Version(images)


@pytest.fixture(scope="session")
def before(this: Version, pytestconfig: pytest.Config) -> Version:
    """Give the last release, and say so where it is only this tree under another tag."""
    found, told = release_before(this, own_images="KUBERNETES_IMAGES" not in os.environ)
    pytestconfig.get_terminal_writer().line(told)
    return found


@pytest.fixture(scope="session")
def first(request: pytest.FixtureRequest, this: Version) -> Version:
    """Give what is installed first: this tree, or the release before where tests of the upgrade come first.

    Its images are built before there is a cluster, which would take its share of the cores.
    """
    upgraded = any(item.path.name in FIRST for item in request.session.items)
    return request.getfixturevalue("before") if upgraded else this


@pytest.fixture(scope="session")
def kubernetes() -> Iterator[Cluster]:
    try:
        with running(FOLDER) as cluster:
            yield cluster
    except UnavailableError as exc:
        pytest.skip(str(exc))


@pytest.fixture(scope="session")
def installation(
    first: Version, kubernetes: Cluster, shared_data_folder: Path, pytestconfig: pytest.Config
) -> Iterator[Installation]:
    """Give the product, of the version that comes first."""
    installation = Installation(shared_data_folder, kubernetes)
    try:
        installation.install(first)
        pytestconfig.get_terminal_writer().line(f"seconds until it was installed: {installation.times}")
        yield installation
    finally:
        installation.stop()


@pytest.fixture
def patrons(installation: Installation) -> Iterator[Patrons]:
    """Give clients that are at work while a test changes something under them."""
    patrons = Patrons(installation)
    patrons.start()
    yield patrons
    patrons.end()
