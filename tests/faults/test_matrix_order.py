"""F12: what the kernel sees of a PUT: fsync of the file, rename, fsync of the folder, COMMIT, then the answer."""

import re
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.acceptance.door import Door

from aktenfluss.contracts.documents import content_key
from aktenfluss.kernel import Role
from aktenfluss.testkit import PATIENCE_SECONDS

from .conftest import content_of

pytestmark = [
    pytest.mark.faults,
    pytest.mark.skipif(shutil.which("strace") is None, reason="there is no strace to see system calls with"),
]
CALLS = "trace=fsync,fdatasync,rename,renameat,renameat2,write,writev,sendto,sendmsg"


@contextmanager
def watched(pid: int, trace: Path) -> Iterator[None]:
    """Write down the system calls of a process and of its threads."""
    command = ["strace", "-f", "-y", "-s", "400", "-e", CALLS, "-o", str(trace), "-p", str(pid)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as strace:
        try:
            assert strace.stderr is not None
            assert "attached" in strace.stderr.readline()
            yield
        finally:
            strace.send_signal(signal.SIGINT)


def place_of(trace: str, pattern: str, after: int = 0) -> int:
    """Return where a call stands that follows on a place."""
    found = re.compile(pattern).search(trace, after)
    assert found, f"{pattern} does not follow in\n{trace[after : after + 6000]}"
    return found.end()


def settled(trace: Path, text: str) -> str:
    """Return the trace once the text is in it."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while text not in trace.read_text(errors="replace"):
        assert time.monotonic() < deadline, trace.read_text(errors="replace")[-3000:]
        time.sleep(0.05)
    return trace.read_text(errors="replace")


@pytest.mark.parametrize("size", [2_000, 3 << 20], ids=["small", "of-several-blocks"])
def test_f12_a_content_is_durable_before_its_row_and_its_row_before_the_answer(
    door: Door, tmp_path: Path, size: int
) -> None:
    door.start()
    path, content = content_of(size)
    name = path.rpartition(":")[2]
    with door.client(Role.CONTRACTOR) as contractor, watched(door.pid, tmp_path / "trace"):
        answer = contractor.put(path, content=content, headers={"X-Request-Id": name[:32]})
        trace = settled(tmp_path / "trace", name[:32])
    assert answer.status_code == 201
    assert_in_order(trace, name, 201)


def assert_in_order(trace: str, name: str, status: int) -> None:
    """Check what was done for one object, whose file and whose row have this name in them."""
    synced = place_of(trace, r"fsync\(\d+<[^>]*/\.unfinished/[0-9a-f]{32}>")
    rename = rf'rename\w*\([^\n]*/\.unfinished/[^"\n]*", [^"\n]*"([^"\n]*{name}[^"\n]*)"'
    renamed = place_of(trace, rename, synced)
    folder = Path(re.findall(rename, trace)[0]).parent
    named = place_of(trace, rf"fsync\(\d+<{re.escape(str(folder))}>", renamed)
    row = place_of(trace, rf"<(UNIX|socket)[^\n]*{name}", named)
    committed = place_of(trace, r"<(UNIX|socket)[^\n]*COMMIT", row)
    answered = place_of(trace, rf"HTTP/1\.1 {status}", committed)
    assert synced < renamed < named < row < committed < answered
    assert trace.find(f"HTTP/1.1 {status}") > committed, "it was answered before"


def test_f12_each_chunk_is_durable_before_its_row_and_its_row_before_the_answer(door: Door, tmp_path: Path) -> None:
    door.start()
    path, content = content_of(4_000)
    name = path.rpartition(":")[2]
    with door.client(Role.CONTRACTOR) as contractor:
        for start, status in ((0, 202), (2_000, 201)):
            id_ = f"{start:032x}"
            headers = {"Content-Range": f"bytes {start}-{start + 1999}/4000", "X-Request-Id": id_}
            with watched(door.pid, tmp_path / id_):
                answer = contractor.put(path, content=content[start : start + 2000], headers=headers)
                trace = settled(tmp_path / id_, id_)
            assert answer.status_code == status
            assert_in_order(trace, name, status)


def test_f12_a_folder_that_another_writer_has_just_made_is_durable_before_the_row(door: Door, tmp_path: Path) -> None:
    door.start()
    path, content = content_of(2_000)
    name = path.rpartition(":")[2]
    folder = (door.data / "objects" / content_key("offenbach", f"sha256:{name}")).parent
    folder.mkdir(parents=True)
    with door.client(Role.CONTRACTOR) as contractor, watched(door.pid, tmp_path / "trace"):
        contractor.put(path, content=content, headers={"X-Request-Id": name[:32]})
        trace = settled(tmp_path / "trace", name[:32])
    named = [place_of(trace, rf"fsync\(\d+<{re.escape(str(above))}>") for above in (folder.parent, folder)]
    assert max(named) < place_of(trace, rf"<(UNIX|socket)[^\n]*{name}", max(named))
