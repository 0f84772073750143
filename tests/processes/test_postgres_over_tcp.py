"""A database server behind TCP and a password, as in a data centre: killed, frozen, and back."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from tools.servers import PostgresServer

from aktenfluss.kernel import Role
from aktenfluss.testkit import PATIENCE_SECONDS

from .cluster import SERVICES, Cluster, wait_until

pytestmark = pytest.mark.servers
LIMITS = {
    "DATABASE_STATEMENT_SECONDS": "1",
    "DATABASE_CONNECT_SECONDS": "1",
}


@pytest.fixture(scope="module")
def server(tmp_path_factory) -> Iterator[PostgresServer]:
    with PostgresServer.start(tmp_path_factory.mktemp("postgres")) as server:
        for name in (*SERVICES, "bus"):
            server.create(name)
        yield server


@pytest.fixture(scope="module")
def remote(server: PostgresServer, tmp_path_factory) -> Cluster:
    """Give a cluster on the server, prepared by its owners."""
    folder: Path = tmp_path_factory.mktemp("cluster")
    cluster = Cluster.at(folder, server.app_url("{service}"), server.owner_url("{service}"))
    assert cluster.run("standalone", "migrate").returncode == 0
    return cluster


@pytest.fixture
def clerk(remote: Cluster) -> dict[str, str]:
    return {"Authorization": f"Bearer {remote.token(Role.CLERK)}"}


def test_a_killed_server_costs_no_request_once_it_is_back(server, remote, clerk):
    with (
        remote.process("cases") as cases,
        httpx.Client(base_url=cases.base_url, headers=clerk, timeout=PATIENCE_SECONDS) as client,
    ):
        assert client.get("/v1/case-files").status_code == 200
        server.kill()
        assert client.get("/v1/case-files").status_code == 503
        server.start_again()
        assert [client.get("/v1/case-files").status_code for _ in range(16)] == [200] * 16
        assert cases.end()[0] == 0


def test_a_frozen_server_is_answered_for_in_time_and_found_again(server, remote, clerk):
    with (
        remote.process("cases", **LIMITS) as cases,
        httpx.Client(base_url=cases.base_url, headers=clerk, timeout=PATIENCE_SECONDS) as client,
    ):
        assert client.get("/v1/case-files").status_code == 200
        server.pause()
        try:
            answer = client.get("/v1/case-files")
            assert (answer.status_code, answer.headers["retry-after"] != "") == (503, True)
        finally:
            server.resume()
        wait_until(lambda: client.get("/v1/case-files").status_code == 200, cases.popen, cases.log)
        wait_until(cases.ready, cases.popen, cases.log)


def test_a_wrong_password_is_told_without_it(server, remote):
    url = server.app_url("cases").replace("://cases_app:", "://cases_app:wrong-")
    refused = remote.run("cases", DATABASE_URL=url)
    assert (refused.returncode, refused.stderr.count("\n")) == (1, 1)
    assert "password authentication failed" in refused.stderr
    assert "wrong-" not in refused.stderr
