"""The processes of the chart work with exactly what it tells them, on real servers."""

import json
import shutil
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from tests.deploy.chart import Manifests, key_files, service_of
from tools.chart.manifests import read
from tools.chart.renderings import examples, rendered

from .installation import Cluster
from .process import Process

CITY = examples()[1]


@pytest.fixture
def processes(cluster: Cluster, tmp_path: Path) -> Iterator[dict[str, Process]]:
    """Give a process for each Deployment of a city, with its variables and its keys; addresses and secrets are ours."""
    city = Manifests(read(rendered(CITY)))
    pods = {found["metadata"]["name"]: found["spec"]["template"] for found in city.of("Deployment")}
    found = {name: process_of(cluster, tmp_path / name, city, pod) for name, pod in pods.items()}
    for process in found.values():
        told = json.loads(process.settings["PEER_URLS"])
        peers = {
            peer: f"http://{found[url.rpartition('/')[2].partition(':')[0]].address}" for peer, url in told.items()
        }
        process.settings["PEER_URLS"] = json.dumps(peers)
        process.launch()
    yield found
    for process in found.values():
        process.kill()


def process_of(cluster: Cluster, folder: Path, city: Manifests, pod: Any) -> Process:
    service = service_of(pod)
    process = Process(folder, service, [sys.executable, *pod["spec"]["containers"][0]["command"][1:], "serve"])
    secrets = cluster.settings | {"SECRET": "0123456789abcdef" * 2}
    told = city.environment(pod)
    process.settings = {name: secrets[name] if value is None else value for name, value in told.items()}
    own = {"HOST": "127.0.0.1", "PORT": str(process.port), "DATA_FOLDER": str(folder / "etc")}
    process.settings |= own | ({"OBJECT_STORE_URL": f"file://{folder}/tmp"} if service == "gateway" else {})
    (folder / "etc" / "keys").mkdir(parents=True)
    for name in key_files(pod):
        shutil.copy(cluster.folder / "keys" / name, folder / "etc" / "keys")
    return process


def test_every_process_gets_ready_writes_nothing_to_its_folder_and_ends_when_asked(
    processes: dict[str, Process],
) -> None:
    for process in processes.values():
        process.wait_until_serving()
    for process in processes.values():
        written = {path.name for path in (process.folder / "etc").rglob("*")}
        assert written <= {"keys", "issuer.pem", "audit.pem"}
    with ThreadPoolExecutor(len(processes)) as pool:
        assert set(pool.map(Process.terminate, processes.values())) == {0}
