"""The processes of the chart work with exactly what it tells them, on real servers."""

import json
import os
import shutil
import subprocess
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


@pytest.fixture(scope="module")
def city() -> Manifests:
    return Manifests(read(rendered(examples()[1])))


@pytest.fixture
def processes(cluster: Cluster, city: Manifests, tmp_path: Path) -> Iterator[dict[str, Process]]:
    """Give a process for each Deployment of a city, with its variables and its keys; addresses and secrets are ours."""
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
    process.settings = environment(cluster, folder, city, pod) | {"HOST": "127.0.0.1", "PORT": str(process.port)}
    if service == "gateway":
        process.settings["OBJECT_STORE_URL"] = f"file://{folder}/tmp"
    return process


def environment(cluster: Cluster, folder: Path, city: Manifests, pod: Any) -> dict[str, str]:
    """Return the variables of a pod with our secrets, and lay its keys into its folder."""
    keys = folder / "etc" / "keys"
    keys.mkdir(parents=True)
    for name in key_files(pod):
        shutil.copy(cluster.folder / "keys" / name, keys)
    secrets = cluster.settings | {"SECRET": "0123456789abcdef" * 2}
    told = {name: secrets[name] if value is None else value for name, value in city.environment(pod).items()}
    return told | {"DATA_FOLDER": str(folder / "etc")}


def test_the_job_migrates(cluster: Cluster, city: Manifests, tmp_path: Path) -> None:
    job = city.named("Job", "aktenfluss-migrate")["spec"]["template"]
    _, *arguments = job["spec"]["containers"][0]["command"]
    command = [sys.executable, "-m", "aktenfluss.standalone", *arguments]
    told = environment(cluster, tmp_path, city, job)
    done = subprocess.run(command, env=os.environ | told, capture_output=True, text=True, check=False)

    assert (done.returncode, done.stdout.strip()) == (0, "Every schema has what this release needs."), done.stderr
    assert {path.name for path in (tmp_path / "etc").rglob("*")} == {"keys", "issuer.pem"}


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
