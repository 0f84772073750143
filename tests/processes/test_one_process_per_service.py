"""Each service runs by itself, in the role it is given, and says in a line why it does not."""

import json
from contextlib import ExitStack

import httpx
import pytest
from tools.servers import free_port

from aktenfluss.kernel import Role
from aktenfluss.testkit import PATIENCE_SECONDS

from .cluster import SERVICES, Cluster, wait_until, waiting

CASE_FILE = {"keeping_authority": "064130", "file_number": "A 1/20", "family_name": "Öztürk", "given_names": "Ayşe"}


@pytest.fixture
def bare(data_folder):
    """Give a cluster where nobody has migrated."""
    cluster = Cluster.on(data_folder)
    yield cluster
    cluster.postgres.stop()


def test_a_service_refuses_a_schema_that_is_behind_it(bare):
    refused = bare.run("cases")
    assert (refused.returncode, refused.stderr) == (
        1,
        "the database of cases is behind this release: run `aktenfluss migrate`\n",
    )
    assert bare.run("cases", "migrate").returncode == 0
    with bare.process("cases") as cases:
        assert cases.end()[0] == 0


def test_a_wrong_setting_is_told_without_its_value(cluster):
    refused = cluster.run("cases", PORT="s3cret")
    assert refused.returncode == 2
    assert refused.stderr.startswith("PORT: ")
    assert "s3cret" not in refused.stderr


def test_a_key_that_others_can_read_is_refused(cluster, data_folder):
    cluster.run("standalone", "public-key", DATA_FOLDER=str(data_folder))
    (data_folder / "keys" / "issuer.pem").chmod(0o644)
    refused = cluster.run("cases", DATA_FOLDER=str(data_folder))
    assert (refused.returncode, refused.stderr.count("\n")) == (2, 1)
    assert "issuer.pem is readable by others" in refused.stderr


def test_a_port_that_is_taken_is_told(cluster):
    with cluster.process("gateway") as holder:
        refused = cluster.run("cases", PORT=holder.base_url.rpartition(":")[2])
    assert refused.returncode == 3
    assert "error while attempting to bind" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_one_database_for_several_services_is_refused(cluster):
    refused = cluster.run("standalone", "migrate", DATABASE_URL=cluster.postgres.dsn("cases", "cases_app"))
    assert refused.returncode == 2
    assert "{service}" in refused.stderr


def test_a_service_that_calls_others_is_told_where_they_are(cluster):
    refused = cluster.run("scans", PEER_URLS='{"cases": "http://127.0.0.1:1"}')
    assert (refused.returncode, refused.stderr) == (2, "PEER_URLS: scans calls documents\n")


def test_a_server_that_does_not_answer_is_told(cluster):
    refused = cluster.run("cases", DATABASE_URL=f"postgresql://nobody@127.0.0.1:{free_port()}/cases")
    assert refused.returncode == 1
    assert refused.stderr.startswith("the database of cases does not answer: ")
    assert refused.stderr.count("\n") == 1


def test_a_worker_answers_for_health_alone_and_carries_what_an_api_committed(cluster):
    with ExitStack() as running:
        api = running.enter_context(cluster.process("cases", "--role", "api"))
        with api.client(cluster.token(Role.RECORDS_MANAGER)) as manager:
            assert manager.post("/v1/case-files", json=CASE_FILE).status_code == 201
        assert waiting(api) > 0
        worker = running.enter_context(cluster.process("cases", ROLE="worker"))
        assert httpx.get(f"{worker.base_url}/v1/case-files", timeout=PATIENCE_SECONDS).status_code == 404
        wait_until(lambda: waiting(worker) == 0)


@pytest.mark.parametrize(
    "command",
    [
        "audit verify",
        "parked list",
        "parked retry",
        "jobs retry",
        "texts retry",
        "scrub",
        "token --role clerk",
        "public-key",
    ],
)
def test_an_operator_looks_after_a_cluster_with_its_settings(cluster, command):
    done = cluster.run("standalone", *command.split())
    assert (done.returncode, done.stderr) == (0, "")
    assert not (cluster.folder / "shared" / "postgres").exists(), "no embedded server is started"


def test_the_gateway_tells_of_its_peers_and_needs_no_database(cluster):
    with ExitStack() as running:
        somewhere = json.dumps({"cases": "http://127.0.0.1:1", "documents": "http://127.0.0.1:1"})
        peers = {
            name: running.enter_context(cluster.process(name, "--role", "api", PEER_URLS=somewhere))
            for name in SERVICES
        }
        urls = {name: peer.base_url for name, peer in peers.items()}
        door = running.enter_context(cluster.process("gateway", DATABASE_URL="embedded:", PEER_URLS=json.dumps(urls)))
        described = httpx.get(f"{door.base_url}/openapi.json", timeout=PATIENCE_SECONDS).json()
        assert [tag["name"] for tag in described["tags"]] == ["audit", "cases", "documents", "gateway", "scans"]
        assert [peer.end()[0] for peer in peers.values()] == [0, 0, 0, 0]
        assert httpx.get(f"{door.base_url}/problems/file-number-taken", timeout=PATIENCE_SECONDS).status_code == 200
        assert not (cluster.folder / "shared" / "postgres").exists()
        assert door.end()[0] == 0
