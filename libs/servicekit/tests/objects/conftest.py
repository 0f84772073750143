"""The S3 stores that the tests of the adapter run on, started once for all of them."""

import secrets
from dataclasses import replace

import pytest
from tools.servers import Minio, Versitygw

from aktenfluss.servicekit import S3Store, S3Url
from aktenfluss.testkit import FaultProxy

SERVERS = {"minio": Minio, "versitygw": Versitygw}


@pytest.fixture(scope="session", params=SERVERS)
def server(request, tmp_path_factory):
    with SERVERS[request.param].start(tmp_path_factory.mktemp(request.param)) as server:
        yield server


@pytest.fixture
def url(server):
    """Name a bucket that nobody used before."""
    return replace(S3Url.parse(server.url), bucket=f"test-{secrets.token_hex(8)}")


@pytest.fixture
async def store(url):
    store = S3Store(url)
    await store.prepare()
    yield store
    await store.close()


@pytest.fixture
async def proxy(server):
    async with FaultProxy.before("127.0.0.1", server.port) as proxy:
        yield proxy


@pytest.fixture
async def hasty(url, proxy, store):
    """Give a store behind the proxy that does not wait long, on the same bucket as `store`."""
    hasty = S3Store(replace(url, endpoint=f"127.0.0.1:{proxy.port}"), connect_seconds=2, read_seconds=2)
    yield hasty
    await hasty.close()
