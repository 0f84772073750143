"""What the process does not exceed, how it ends under load, and that two do not serve the same folder."""

import hashlib
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil
from tools.servers import free_port

from aktenfluss.kernel import Role
from aktenfluss.testkit import PATIENCE_SECONDS

from .conftest import ONE_PROCESS
from .door import Door
from .test_main_job import CLERK, CONTRACTOR, import_stock

MEBIBYTE = 1 << 20
LARGE = 200 * MEBIBYTE
CHUNK = 50 * MEBIBYTE
EXIT_SECONDS = 10


def blocks(number: int) -> Iterator[bytes]:
    """Yield the blocks of a chunk; none is like another, and they are never all in memory."""
    for block in range(CHUNK // MEBIBYTE):
        yield f"{number:08}-{block:07}".encode() * (MEBIBYTE // 16)


def digest_of_large() -> str:
    digest = hashlib.sha256()
    for number in range(LARGE // CHUNK):
        for block in blocks(number):
            digest.update(block)
    return f"sha256:{digest.hexdigest()}"


def upload(contractor: httpx.Client, digest: str) -> None:
    for number in range(LARGE // CHUNK):
        first = number * CHUNK
        headers = {"Content-Range": f"bytes {first}-{first + CHUNK - 1}/{LARGE}", "Content-Length": str(CHUNK)}
        answer = contractor.put(f"/v1/contents/{digest}", content=blocks(number), headers=headers)
        assert answer.status_code == (201 if first + CHUNK == LARGE else 202), answer.text


def download(peer: httpx.Client, digest: str) -> str:
    fetched = hashlib.sha256()
    with peer.stream("GET", f"/v1/contents/{digest}") as answer:
        assert answer.status_code == 200
        for piece in answer.iter_bytes():
            fetched.update(piece)
    return f"sha256:{fetched.hexdigest()}"


def memory_of(pid: int) -> int:
    """Return the highest resident memory of a process so far, in bytes."""
    status = Path(f"/proc/{pid}/status").read_text()
    return next(int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmHWM"))


def test_memory_does_not_grow_with_a_content(door: Door, pid_of_taker: int) -> None:
    digest = digest_of_large()
    with door.client(CONTRACTOR) as contractor, door.client(Role.SERVICE) as peer:
        contractor.head(f"/v1/contents/{digest}")
        before = memory_of(pid_of_taker)
        upload(contractor, digest)
        assert download(peer, digest) == digest
        growth = memory_of(pid_of_taker) - before
    # An S3 store takes parts of 16 MiB: whole in memory, and never two copies of one.
    assert growth < LARGE // (4 if ONE_PROCESS else 3), growth


def database_server(door: Door) -> psutil.Process:
    return psutil.Process(int((door.data / "postgres" / "postmaster.pid").read_text().split()[0]))


class Callers:
    """Clerks who search without a pause, each request counted by how it was answered."""

    def __init__(self, door: Door, count: int) -> None:
        self.answers: Counter[str] = Counter()
        self._door = door
        self._threads = [threading.Thread(target=self._call, daemon=True) for _ in range(count)]
        for thread in self._threads:
            thread.start()

    def _call(self) -> None:
        with self._door.client(CLERK) as clerk:
            while True:
                try:
                    answer = clerk.get("/v1/case-files", params={"name": "ozturk"})
                except httpx.ConnectError:
                    self.answers["no longer taken"] += 1
                    return
                except (httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError) as error:
                    cut = "incomplete" in str(error)
                    self.answers["answer cut" if cut else "idle connection closed"] += 1
                    continue
                self.answers[str(answer.status_code)] += 1

    def wait(self) -> None:
        for thread in self._threads:
            thread.join(PATIENCE_SECONDS)


def wait_until(condition: str, callers: Callers, count: int) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while callers.answers[condition] < count:
        assert time.monotonic() < deadline, callers.answers
        time.sleep(0.01)


class Upload(threading.Thread):
    """An upload that has begun when the signal comes and goes on behind it."""

    def __init__(self, door: Door) -> None:
        super().__init__(daemon=True)
        self._door = door
        self._content = b"half" * 1000
        self.begun, self.goes_on = threading.Event(), threading.Event()
        self.status = 0

    def run(self) -> None:
        digest = f"sha256:{hashlib.sha256(2 * self._content).hexdigest()}"
        headers = {"Content-Length": str(2 * len(self._content))}
        with self._door.client(CONTRACTOR) as contractor:
            answer = contractor.put(f"/v1/contents/{digest}", content=self._halves(), headers=headers)
        self.status = answer.status_code

    def _halves(self) -> Iterator[bytes]:
        yield self._content
        self.begun.set()
        self.goes_on.wait(PATIENCE_SECONDS)
        yield self._content


def test_a_signal_under_load_ends_it_in_time_and_cuts_no_request(own_door: Door) -> None:
    import_stock(own_door, 20)
    server, upload = database_server(own_door), Upload(own_door)
    callers = Callers(own_door, 8)
    wait_until("200", callers, 40)
    upload.start()
    assert upload.begun.wait(PATIENCE_SECONDS)
    began = time.monotonic()
    own_door.send(signal.SIGTERM)
    wait_until("no longer taken", callers, 1)
    upload.goes_on.set()
    assert own_door.wait() == 0
    assert time.monotonic() - began < EXIT_SECONDS
    upload.join(PATIENCE_SECONDS)
    callers.wait()
    assert upload.status == 201
    # A connection that is idle between two requests may be closed under the next one; nothing is answered by an error.
    assert set(callers.answers) <= {"200", "no longer taken", "idle connection closed"}, callers.answers
    assert not server.is_running() or server.status() == psutil.STATUS_ZOMBIE


def test_a_second_process_on_the_same_folder_is_refused(own_door: Door) -> None:
    command = [sys.executable, "-m", "aktenfluss.standalone", "serve", "--data", str(own_door.data)]
    second = subprocess.run(
        [*command, "--port", str(free_port())], check=False, capture_output=True, text=True, timeout=PATIENCE_SECONDS
    )
    assert second.returncode == 1
    assert second.stderr == (
        f"process {own_door.pid} serves {own_door.data} already: stop it, or serve another folder (DATA_FOLDER)\n"
    )
    assert httpx.get(f"{own_door.base_url}/ready", timeout=PATIENCE_SECONDS).status_code == 200


def test_a_database_server_that_was_killed_is_started_again(own_door: Door) -> None:
    numbers = import_stock(own_door, 1)
    database_server(own_door).kill()
    deadline = time.monotonic() + PATIENCE_SECONDS
    with own_door.client(CLERK) as clerk:
        while (answer := clerk.get("/v1/case-files", params={"file_number": numbers[0]})).status_code != 200:
            assert answer.status_code == 503, answer.text
            assert time.monotonic() < deadline
            time.sleep(0.1)
    assert answer.json()["items"]
    import_stock(own_door, 1)
    assert own_door.end() == 0
    assert not (own_door.data / "postgres" / "postmaster.pid").exists()
