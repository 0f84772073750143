"""How the servers are set up, read without starting them."""

from urllib.parse import parse_qs, urlsplit

import pytest
from tools.servers import Kafka, Minio, PostgresServer, Versitygw
from tools.servers.kafka import Security
from tools.servers.kafka.broker import POM, version


@pytest.fixture
def properties(tmp_path):
    """Give the settings of a Kafka on port 25000."""

    def read(security=Security.PLAINTEXT):
        lines = Kafka(tmp_path, security, 25_000).settings().splitlines()
        return dict(line.split("=", 1) for line in lines if not line.startswith("#"))

    return read


def test_kafka_listens_on_the_loopback_alone(properties):
    addresses = properties()["listeners"].split(",")

    assert [urlsplit(address).hostname for address in addresses] == ["127.0.0.1"] * 3
    assert addresses[0] == "CLIENT://127.0.0.1:25000"


@pytest.mark.parametrize(
    ("security", "protocol"),
    [("plaintext", "PLAINTEXT"), ("tls", "SSL"), ("sasl_plaintext", "SASL_PLAINTEXT"), ("sasl_tls", "SASL_SSL")],
)
def test_kafka_protects_its_clients_listener_as_asked(properties, security, protocol):
    protocols = dict(
        pair.split(":") for pair in properties(Security(security))["listener.security.protocol.map"].split(",")
    )

    assert protocols == {"CLIENT": protocol, "INTERNAL": "PLAINTEXT", "CONTROLLER": "PLAINTEXT"}


def test_kafka_makes_no_topic_by_itself_and_needs_no_second_node(properties):
    settings = properties()

    assert settings["auto.create.topics.enable"] == "false"
    assert {value for name, value in settings.items() if name.endswith(("replication.factor", "min.isr"))} == {"1"}


@pytest.mark.parametrize("security", list(Security))
def test_the_url_of_kafka_tells_how_to_enter_it(tmp_path, security):
    kafka = Kafka(tmp_path, security, 25_000)

    url = urlsplit(kafka.url)
    assert (url.scheme, url.hostname, url.port) == ("kafka", "127.0.0.1", 25_000)
    assert url.password == (kafka.password if "sasl" in security else None)
    ca = {"ca": [str(kafka.certificate)]} if "tls" in security else {}
    assert parse_qs(url.query) == {"security": [security], "replication": ["1"], **ca}


def test_the_version_of_kafka_is_the_one_of_the_pom():
    assert f"<version>{version()}</version>" in POM.read_text()
    assert version()[0].isdigit()


@pytest.mark.parametrize("store_type", [Minio, Versitygw])
def test_a_store_keeps_its_key_from_start_to_start(tmp_path, store_type):
    first, second = store_type(tmp_path, 25_000), store_type(tmp_path, 25_000)

    assert first.url == second.url
    assert first.url.startswith(f"s3://aktenfluss:{first.secret_key}@127.0.0.1:25000/contents?")


def test_the_roles_of_a_service_have_passwords_of_their_own(tmp_path):
    server = PostgresServer(tmp_path, 25_000)
    app, owner = urlsplit(server.app_url("audit")), urlsplit(server.owner_url("audit"))

    assert (app.username, owner.username) == ("audit_app", "audit_owner")
    assert (app.port, app.path) == (25_000, "/audit")
    assert len({app.password, owner.password, server.password}) == 3
