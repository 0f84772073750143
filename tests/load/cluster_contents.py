"""Contents out of MinIO: fetched through the product, beside the same bytes fetched with MinIO's own client."""

import hashlib
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple
from urllib.parse import urlsplit

import urllib3
from minio import Minio
from tests.cluster.installation import Cluster

from aktenfluss.contracts.documents import content_key
from aktenfluss.kernel import Role

from .cluster_processes import pids_of
from .figures import Figure
from .processes import cpu_seconds_of

LARGE, SMALL = (64_000_000, 4), (5_000_000, 20)
"""Sizes of contents, and how many of each are fetched one after the other."""
ROUNDS, PIECE = 3, 1 << 20
TENANT = "offenbach"


class Content(NamedTuple):
    """What was stored to be fetched."""

    digest: str
    size_bytes: int


class Speed(NamedTuple):
    """Megabytes per second as one caller sees it, and the CPU time of all processes for a megabyte."""

    per_second: float
    cpu_milliseconds: float


def measure(cluster: Cluster) -> list[Figure]:
    """Fetch in turn; the best of each counts, the machine is shared.

    One caller, one connection, urllib3 on both sides; the product is asked at its own port, not through the door.
    """
    large, small = (put_contents(cluster, *sizes) for sizes in (LARGE, SMALL))
    figures = [
        compare(cluster, large, "content of 64 MB from MinIO through documents", ">= 0.6", ">= 0.9"),
        compare(cluster, small, "the same with 5 MB", "", ""),
    ]
    cluster.processes["documents-api"].terminate()
    cluster.processes["documents-api"].start_again({"PRESIGNED_DOWNLOADS": "true"})
    return [*figures, compare(cluster, large, "64 MB with a presigned redirect", ">= 0.6", ">= 1.0")]


def compare(cluster: Cluster, contents: list[Content], figure: str, bar: str, goal: str) -> Figure:
    rounds = [(fetch_from_product(cluster, contents), fetch_from_minio(cluster, contents)) for _ in range(ROUNDS)]
    own, direct = max(mine for mine, _ in rounds), max(other for _, other in rounds)
    told = (
        f"{own.per_second:.0f} ÷ {direct.per_second:.0f} MB/s, one caller; "
        f"CPU {own.cpu_milliseconds:.1f} ÷ {direct.cpu_milliseconds:.1f} ms/MB"
    )
    return Figure(figure, own.per_second / direct.per_second, "times direct", told, bar, goal)


def put_contents(cluster: Cluster, size: int, count: int) -> list[Content]:
    return [put_content(cluster, os.urandom(size)) for _ in range(count)]


def put_content(cluster: Cluster, content: bytes) -> Content:
    digest = f"sha256:{hashlib.sha256(content).hexdigest()}"
    with cluster.client(Role.CONTRACTOR) as client:
        client.put(f"/v1/contents/{digest}", content=content).raise_for_status()
    return Content(digest, len(content))


def fetch_from_product(cluster: Cluster, contents: list[Content]) -> Speed:
    address = f"http://{cluster.processes['documents-api'].address}"
    headers = {"Authorization": f"Bearer {cluster.token(Role.SERVICE, TENANT)}"}
    with urllib3.PoolManager() as pool, speed_of(cluster, contents) as speed:
        for content in contents:
            url = f"{address}/v1/contents/{content.digest}"
            drain(pool.request("GET", url, headers=headers, preload_content=False), content)
    return speed[0]


def fetch_from_minio(cluster: Cluster, contents: list[Content]) -> Speed:
    client, bucket = store_of(cluster)
    with speed_of(cluster, contents) as speed:
        for content in contents:
            drain(client.get_object(bucket, content_key(TENANT, content.digest)), content)
    return speed[0]


def store_of(cluster: Cluster) -> tuple[Minio, str]:
    """Return MinIO's own client, and the bucket of the product."""
    store = cluster.servers.store
    client = Minio(f"127.0.0.1:{store.port}", store.access_key, store.secret_key, secure=False)
    return client, urlsplit(store.url).path.strip("/")


def drain(response: urllib3.BaseHTTPResponse, content: Content) -> None:
    received = sum(map(len, response.stream(PIECE)))
    response.release_conn()
    if (response.status, received) != (200, content.size_bytes):
        raise RuntimeError(f"status {response.status}, {received} of {content.size_bytes} bytes came")


@contextmanager
def speed_of(cluster: Cluster, contents: list[Content]) -> Iterator[list[Speed]]:
    """Yield a list that holds the speed of the body once it has ended."""
    roots = [os.getpid(), *pids_of(cluster)]
    found: list[Speed] = []
    wall, cpu = time.perf_counter(), cpu_seconds_of(roots)
    yield found
    seconds, busy = time.perf_counter() - wall, cpu_seconds_of(roots) - cpu
    megabytes = sum(content.size_bytes for content in contents) / 1e6
    found.append(Speed(megabytes / seconds, busy * 1000 / megabytes))
