"""The product as its users meet it: behind a URL, with tokens.

`BASE_URL` and `DATA_FOLDER` point to an installation that runs already; where it has an identity provider, `ISSUER`,
`SIGNING_KEY` and `SIGNING_KEY_ID` stand for the folder. `SHAPE=cluster` starts one process per service on real servers;
without any, one process with everything in it is started.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.cluster.installation import Cluster

from .door import Door, ProvidersDoor

ONE_PROCESS = "SHAPE" not in os.environ and "BASE_URL" not in os.environ
OF_A_PROVIDER = "ISSUER" in os.environ


@pytest.fixture(scope="session")
def door(request: pytest.FixtureRequest) -> Iterator[Door | Cluster]:
    """Give an installation that all tests share."""
    base_url = os.environ.get("BASE_URL", "")
    if base_url and OF_A_PROVIDER:
        yield ProvidersDoor(base_url, *(os.environ[name] for name in ("ISSUER", "SIGNING_KEY", "SIGNING_KEY_ID")))
    elif base_url:
        yield Door(Path(os.environ["DATA_FOLDER"]), base_url)
    elif os.environ.get("SHAPE") == "cluster":
        yield request.getfixturevalue("cluster")
    else:
        door = Door(request.getfixturevalue("shared_data_folder"))
        door.start()
        yield door
        assert door.end() == 0


@pytest.fixture
def own_door(data_folder: Path) -> Iterator[Door]:
    """Give an installation in one process, of this test alone, to be killed."""
    if not ONE_PROCESS:
        pytest.skip("about one process; tests/faults kills those of a cluster")
    door = Door(data_folder)
    door.start()
    yield door
    if door.runs:
        door.end()


@pytest.fixture
def pid_of_taker(door: Door | Cluster) -> int:
    """Give the process that takes contents."""
    if "BASE_URL" in os.environ:
        pytest.skip("its processes may be anywhere")
    return door.pid
