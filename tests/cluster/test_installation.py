"""A cluster loses a process and goes on: the others answer, the door says what is missing, and it comes back."""

import hashlib
import time

import httpx
import pytest

from aktenfluss.kernel import Role
from aktenfluss.testkit import PATIENCE_SECONDS

from .installation import Cluster

pytestmark = pytest.mark.servers


def answer_of(cluster: Cluster, path: str) -> httpx.Response:
    with cluster.client(Role.RECORDS_MANAGER) as client:
        return client.get(path)


def wait_for_ok(cluster: Cluster, path: str) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while (answer := answer_of(cluster, path)).status_code != 200:
        assert time.monotonic() < deadline, answer.text
        time.sleep(0.05)


def test_a_killed_service_is_missed_by_nobody_else(cluster: Cluster) -> None:
    assert answer_of(cluster, "/openapi.json").status_code == 200
    cluster.processes["cases"].kill()
    try:
        missing, *others = (
            answer_of(cluster, path) for path in ("/v1/case-files", "/v1/scan-orders", "/openapi.json", "/problems")
        )
    finally:
        cluster.processes["cases"].start_again()

    assert (missing.status_code, missing.json()["type"]) == (503, "/problems/service-unavailable")
    assert missing.headers["retry-after"] == "5"
    assert [answer.status_code for answer in others] == [200, 200, 200]
    wait_for_ok(cluster, "/v1/case-files")


def test_the_pages_of_the_doors_own_problems_are_there(cluster: Cluster) -> None:
    for slug in ("too-many-requests", "answer-lost", "unauthenticated", "body-too-large", "service-unavailable"):
        assert "Way out:" in answer_of(cluster, f"/problems/{slug}").text


def test_an_upload_passes_the_door_and_lies_in_the_store(cluster: Cluster) -> None:
    content = b"a content of a cluster" * 1000
    digest = hashlib.sha256(content).hexdigest()
    with cluster.client(Role.CONTRACTOR) as contractor, cluster.client(Role.SERVICE) as peer:
        assert contractor.put(f"/v1/contents/sha256:{digest}", content=content).status_code == 201
        assert peer.get(f"/v1/contents/sha256:{digest}").content == content
    assert any(digest in str(path) for path in cluster.servers.store.data.rglob("*"))
