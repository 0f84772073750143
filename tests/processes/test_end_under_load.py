"""A process that is asked to end answers what is in flight, and nothing of it is lost."""

import hashlib
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx

from aktenfluss.kernel import Role
from aktenfluss.servicekit.objects.file_store import UNFINISHED
from aktenfluss.testkit import PATIENCE_SECONDS

from .cluster import wait_until

UPLOADS = 8


def test_requests_in_flight_are_answered(cluster):
    ended = threading.Event()
    unfinished = cluster.folder / "shared" / "objects" / UNFINISHED
    headers = {"Authorization": f"Bearer {cluster.token(Role.CONTRACTOR)}"}

    def push(base_url: str, number: int) -> int:
        return httpx.put(content_url(base_url, number), content=slow(number, ended), headers=headers).status_code

    with cluster.process("documents") as documents, ThreadPoolExecutor(UPLOADS) as crowd:
        answers = [crowd.submit(push, documents.base_url, number) for number in range(UPLOADS)]
        # That bytes were sent is not enough: a connection of which nothing is read yet may be closed.
        wait_until(lambda: len(list(unfinished.iterdir())) == UPLOADS, documents.popen, documents.log)
        documents.popen.terminate()
        ended.set()
        assert [answer.result(PATIENCE_SECONDS) for answer in answers] == [201] * UPLOADS
        assert documents.popen.wait(10) == 0
    with cluster.process("documents") as again:
        found = [httpx.head(content_url(again.base_url, number), headers=headers) for number in range(UPLOADS)]
    assert [answer.status_code for answer in found] == [200] * UPLOADS


def content_of(number: int) -> bytes:
    return bytes([number]) * 300_000


def content_url(base_url: str, number: int) -> str:
    return f"{base_url}/v1/contents/sha256:{hashlib.sha256(content_of(number)).hexdigest()}"


def slow(number: int, ended: threading.Event) -> Iterator[bytes]:
    """Give the first half, and the second once the process was asked to end."""
    content = content_of(number)
    yield content[:150_000]
    ended.wait(PATIENCE_SECONDS)
    yield content[150_000:]
