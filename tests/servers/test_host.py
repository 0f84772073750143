"""A server listens at the address that it was given and nowhere beyond the loopback, and tells its clients that address."""

from ipaddress import ip_address

import psutil
import psycopg
import pytest
from tools.servers import Kafka, Minio, PostgresServer, Versitygw

pytestmark = pytest.mark.servers
ANOTHER = "127.0.0.2"


@pytest.fixture(scope="module", params=[Kafka, Minio, Versitygw, PostgresServer])
def server(request, tmp_path_factory):
    with request.param.start(tmp_path_factory.mktemp(request.param.name), host=ANOTHER) as server:
        yield server


def test_it_listens_there(server):
    listening = [
        found.laddr for found in psutil.Process(server.pid).net_connections("inet") if found.status == "LISTEN"
    ]
    places = {(ip_address(place.ip.removeprefix("::ffff:")), place.port) for place in listening}

    assert (ip_address(ANOTHER), server.port) in places
    assert all(address.is_loopback for address, _ in places)


def test_its_clients_are_told_of_it(server):
    url = server.app_url("cases") if isinstance(server, PostgresServer) else server.url

    assert f"{ANOTHER}:{server.port}" in url


def test_a_database_asks_its_neighbours_for_their_password(tmp_path):
    with PostgresServer.start(tmp_path, host=ANOTHER) as postgres:
        _, app_url = postgres.create("cases")
        psycopg.connect(app_url).close()

        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(app_url.replace("cases_app:", "cases_app:x"))
