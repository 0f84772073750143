"""A service outlives its database server: it says so, waits, and works again without an operator; it ends when asked."""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import httpx
import pytest

from aktenfluss.kernel import Role

from .cluster import SERVICES, wait_until, waiting

EXIT_SECONDS = 10
HARNESS_SECONDS = 2
"""How much later than it is so a loaded machine may let us see that a process has ended."""
OPENED = "de.aktenfluss.cases.case-file-opened.v1"
WORKING = "SELECT id FROM procrastinate_workers WHERE last_heartbeat > %s"
PROGRAMS = [("cases", "--role", "api"), ("cases", "--role", "worker"), ("cases",), ("standalone", "serve")]


@pytest.fixture
def clerk(cluster):
    return {"Authorization": f"Bearer {cluster.token(Role.RECORDS_MANAGER)}"}


def line(number: int) -> dict[str, str]:
    return {"keeping_authority": "064130", "file_number": f"B {number}/20", "family_name": "Weiß", "given_names": "A"}


def test_it_answers_503_while_the_server_is_gone_and_works_again_when_it_is_back(cluster, clerk):
    with cluster.process("cases") as cases, cases.client() as client:
        client.headers.update(clerk)
        with ThreadPoolExecutor(8) as crowd:  # so that every connection of the pool is made
            assert set(crowd.map(lambda _: client.get("/v1/case-files").status_code, range(64))) == {200}
        cluster.kill_postgres()
        for answer in (client.get("/v1/case-files"), client.post("/v1/case-files", json=line(1))):
            assert (answer.status_code, answer.json()["type"]) == (503, "/problems/service-unavailable")
            assert answer.headers["retry-after"]
        assert not cases.ready()
        cluster.postgres.keep_running()
        # Nobody tidied up: eight connections of the pool were lost, none of them costs a request.
        assert [client.get("/v1/case-files").status_code for _ in range(16)] == [200] * 16
        assert client.post("/v1/case-files", json=line(2)).status_code == 201
        wait_until(lambda: waiting(cases) == 0, cases.popen, cases.log)
        assert cases.end()[0] == 0


def test_events_and_jobs_go_on_when_the_server_is_back(cluster, clerk):
    auditor = {"Authorization": f"Bearer {cluster.token(Role.AUDITOR)}"}
    with cluster.process("standalone", "serve") as house, house.client() as client:
        cluster.kill_postgres()
        assert not house.ready()
        cluster.postgres.keep_running()
        [[back]] = cluster.query("cases", "SELECT clock_timestamp()")
        opened = client.post("/v1/case-files", json=line(3), headers=clerk)
        assert opened.status_code == 201

        def recorded() -> bool:
            answer = client.get("/v1/audit-records", params={"key": opened.json()["id"]}, headers=auditor)
            return any(record["type"] == OPENED for record in answer.json()["items"])

        wait_until(recorded, house.popen, house.log)
        wait_until(lambda: all(cluster.query(name, WORKING, back) for name in SERVICES), house.popen, house.log)
        assert house.end()[0] == 0


@pytest.mark.parametrize("program", PROGRAMS, ids=" ".join)
def test_it_ends_in_time_where_the_server_is_gone(cluster, program):
    with cluster.process(*program) as cases:
        cluster.kill_postgres()
        try:
            assert not cases.ready()
            code, seconds = cases.end()
        finally:
            cluster.postgres.keep_running()
        assert (code, seconds < EXIT_SECONDS + HARNESS_SECONDS) == (0, True), (seconds, cases.log.read_text())


@pytest.mark.parametrize("program", PROGRAMS, ids=" ".join)
def test_it_ends_in_time_where_the_server_does_not_answer(cluster, clerk, program):
    with cluster.process(*program) as cases, cluster.stopped_postgres():
        asking = threading.Thread(target=ask, args=(cases, clerk))
        asking.start()
        code, seconds = cases.end()
        asking.join()
        assert (code, seconds < EXIT_SECONDS + HARNESS_SECONDS) == (0, True), (seconds, cases.log.read_text())


def ask(process, headers) -> None:
    """Send a request that the database keeps waiting."""
    with suppress(httpx.TransportError):
        httpx.get(f"{process.base_url}/v1/case-files", headers=headers, timeout=30)
