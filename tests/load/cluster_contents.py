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

SIZE, COUNT, ROUNDS = 5_000_000, 40, 3
PIECE = 1 << 20
TENANT = "offenbach"


class Speed(NamedTuple):
    """Megabytes per second as one caller sees it, and the CPU time of all processes for a megabyte."""

    per_second: float
    cpu_milliseconds: float


def measure(cluster: Cluster) -> list[Figure]:
    """Fetch in turn; the best of each counts, the machine is shared.

    One caller, one connection, urllib3 on both sides; the product is asked at its own port, not through the door.
    """
    digests = put_contents(cluster)
    rounds = [(fetch_from_product(cluster, digests), fetch_from_minio(cluster, digests)) for _ in range(ROUNDS)]
    own, direct = max(mine for mine, _ in rounds), max(other for _, other in rounds)
    told = (
        f"{own.per_second:.0f} ÷ {direct.per_second:.0f} MB/s, one caller; "
        f"CPU {own.cpu_milliseconds:.1f} ÷ {direct.cpu_milliseconds:.1f} ms/MB"
    )
    ratio = own.per_second / direct.per_second
    return [Figure("content of 5 MB from MinIO through documents", ratio, "times direct", told, ">= 0.6", ">= 0.9")]


def put_contents(cluster: Cluster) -> list[str]:
    digests = []
    with cluster.client(Role.CONTRACTOR) as client:
        for _ in range(COUNT):
            content = os.urandom(SIZE)
            digests.append(f"sha256:{hashlib.sha256(content).hexdigest()}")
            client.put(f"/v1/contents/{digests[-1]}", content=content).raise_for_status()
    return digests


def fetch_from_product(cluster: Cluster, digests: list[str]) -> Speed:
    address = f"http://{cluster.processes['documents-api'].address}"
    headers = {"Authorization": f"Bearer {cluster.token(Role.SERVICE, TENANT)}"}
    with urllib3.PoolManager() as pool, speed_of(cluster) as speed:
        for digest in digests:
            url = f"{address}/v1/contents/{digest}"
            drain(pool.request("GET", url, headers=headers, preload_content=False))
    return speed[0]


def fetch_from_minio(cluster: Cluster, digests: list[str]) -> Speed:
    client, bucket = store_of(cluster)
    with speed_of(cluster) as speed:
        for digest in digests:
            drain(client.get_object(bucket, content_key(TENANT, digest)))
    return speed[0]


def store_of(cluster: Cluster) -> tuple[Minio, str]:
    """Return MinIO's own client, and the bucket of the product."""
    store = cluster.servers.store
    client = Minio(f"127.0.0.1:{store.port}", store.access_key, store.secret_key, secure=False)
    return client, urlsplit(store.url).path.strip("/")


def drain(response: urllib3.BaseHTTPResponse) -> None:
    received = sum(map(len, response.stream(PIECE)))
    response.release_conn()
    if (response.status, received) != (200, SIZE):
        raise RuntimeError(f"status {response.status}, {received} of {SIZE} bytes came")


@contextmanager
def speed_of(cluster: Cluster) -> Iterator[list[Speed]]:
    """Yield a list that holds the speed of the body once it has ended."""
    roots = [os.getpid(), *pids_of(cluster)]
    found: list[Speed] = []
    wall, cpu = time.perf_counter(), cpu_seconds_of(roots)
    yield found
    seconds, busy = time.perf_counter() - wall, cpu_seconds_of(roots) - cpu
    megabytes = SIZE * COUNT / 1e6
    found.append(Speed(megabytes / seconds, busy * 1000 / megabytes))
