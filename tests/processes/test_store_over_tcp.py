"""F5 at the door: an S3 store that fails, is slow, hangs up or gives half an object, and is well again."""

import asyncio
import hashlib
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from dataclasses import dataclass

import httpx
import pytest
from tools.servers import Minio

from aktenfluss.kernel import Role
from aktenfluss.testkit import PATIENCE_SECONDS, Direction, FaultProxy

from .cluster import Cluster, Process

pytestmark = pytest.mark.servers
SIZE = 300_000
FAILURE = b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n"
FAULTS = {
    "500": lambda proxy: proxy.answer(FAILURE, times=1000),
    "gone": lambda proxy: proxy.refuse(),
    "cut": lambda proxy: [proxy.cut_after(1000, direction) for direction in Direction],
    "slow": lambda proxy: proxy.delay(3),
}


@dataclass
class Service:
    """The documents service, and the line to its store."""

    process: Process
    proxy: FaultProxy
    cluster: Cluster

    async def ask(self, role: Role, method: str, path: str, content: bytes = b"") -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.cluster.token(role)}"}
        async with httpx.AsyncClient(
            base_url=self.process.base_url, headers=headers, timeout=PATIENCE_SECONDS
        ) as client:
            return await client.request(method, path, content=content)

    async def put(self, path: str, content: bytes) -> httpx.Response:
        return await self.ask(Role.CONTRACTOR, "PUT", path, content)

    async def get(self, path: str) -> httpx.Response:
        return await self.ask(Role.SERVICE, "GET", path)


@pytest.fixture(scope="module")
def store(cluster: Cluster, tmp_path_factory) -> Iterator[Minio]:
    with Minio.start(tmp_path_factory.mktemp("minio")) as store:
        migrated = cluster.run("documents", "migrate", OBJECT_STORE_URL=store.url)
        assert migrated.returncode == 0, migrated.stderr
        yield store


@pytest.fixture
async def service(cluster: Cluster, store: Minio) -> AsyncIterator[Service]:
    async with FaultProxy.before("127.0.0.1", store.port) as proxy:
        url = store.url.replace(f":{store.port}/", f":{proxy.port}/")
        environment = {"OBJECT_STORE_URL": url, "OBJECT_STORE_READ_SECONDS": "1"}
        running = ExitStack()  # entered and left in a thread: the process needs the proxy, which needs the loop
        try:
            process = await asyncio.to_thread(
                running.enter_context, cluster.process("documents", "--role", "api", **environment)
            )
            yield Service(process, proxy, cluster)
        finally:
            proxy.heal()
            await asyncio.to_thread(running.close)


def new_content() -> tuple[str, bytes]:
    content = os.urandom(SIZE)
    return f"/v1/contents/sha256:{hashlib.sha256(content).hexdigest()}", content


@pytest.mark.parametrize("fault", FAULTS)
async def test_f5_a_store_that_fails_is_told_keeps_nothing_by_half_and_passes(service: Service, fault: str):
    stored, other = new_content(), new_content()
    assert (await service.put(*stored)).status_code == 201
    FAULTS[fault](service.proxy)
    refused, read = await service.put(*other), await service.get(stored[0])
    assert (refused.status_code, refused.json()["type"]) == (503, "/problems/service-unavailable")
    assert refused.headers["retry-after"]
    assert read.status_code == 503, "a store that does not answer is no damage"
    assert (await service.ask(Role.CONTRACTOR, "HEAD", other[0])).status_code == 404
    service.proxy.heal()
    assert (await service.put(*other)).status_code == 201
    for path, content in (stored, other):
        assert (await service.get(path)).content == content


async def test_f5_an_object_that_breaks_off_never_looks_whole(service: Service):
    path, content = new_content()
    assert (await service.put(path, content)).status_code == 201
    service.proxy.cut_after(SIZE // 2, Direction.TO_CLIENT)
    assert (await service.get(path)).status_code == 503
    service.proxy.heal()
    assert (await service.get(path)).content == content
