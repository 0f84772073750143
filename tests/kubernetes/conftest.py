"""The product on a real Kubernetes, made once for all tests; they are skipped, with the reason, where none can be made."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from tools.images import build, product, store
from tools.kubernetes import Cluster, UnavailableError, running

from .installation import Installation
from .retrying import Patrons

FOLDER = Path("build/kubernetes")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the acceptance suite last: it leaves on purpose what the checks of the fault client call unfinished.

    What it filed is then backed up, and everything lost and restored.
    """
    last = ("test_main_job.py", "test_backup.py")
    names = {item: item.path.name if item.path.parent.name == "kubernetes" else "" for item in items}
    items.sort(key=lambda item: last.index(names[item]) if names[item] in last else -1)


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
def kubernetes() -> Iterator[Cluster]:
    try:
        with running(FOLDER) as cluster:
            yield cluster
    except UnavailableError as exc:
        pytest.skip(str(exc))


@pytest.fixture(scope="session")
def installation(
    images: list[Path], kubernetes: Cluster, shared_data_folder: Path, pytestconfig: pytest.Config
) -> Iterator[Installation]:
    installation = Installation(shared_data_folder, kubernetes)
    try:
        installation.install(images)
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
