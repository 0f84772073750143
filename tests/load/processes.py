"""Processes under measurement: started, waited for, their CPU and memory read from the kernel."""

import os
import subprocess
import sys
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import httpx
from tools.servers import free_port

TICKS = os.sysconf("SC_CLK_TCK")
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
START_SECONDS = 60
ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Process:
    """A running server."""

    pid: int
    base_url: str
    seconds_to_ready: float

    def cpu_seconds(self) -> float:
        """Return the CPU time of the process, its children not counted."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def forget_peak(self) -> None:
        """Let the peak of the resident memory begin anew."""
        Path(f"/proc/{self.pid}/clear_refs").write_text("5")

    def peak_bytes(self) -> int:
        """Return the highest resident memory since `forget_peak`."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        return next(int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmHWM"))


@contextmanager
def server(*arguments: str) -> Iterator[Process]:
    """Run `python ARGUMENTS --port N` until the body ends; it serves once `/ready` answers 200."""
    port = free_port()
    begin = time.perf_counter()
    command = [sys.executable, *arguments, "--port", str(port)]
    with (ROOT / "build" / "bench.log").open("ab") as log, subprocess.Popen(command, stderr=log, cwd=ROOT) as process:
        try:
            base_url = f"http://127.0.0.1:{port}"
            wait_until_ready(process, base_url)
            yield Process(process.pid, base_url, time.perf_counter() - begin)
        finally:
            process.terminate()
            process.wait(30)


def product(data: Path) -> list[str]:
    """Return the arguments of the whole product in one process."""
    return ["-m", "aktenfluss.standalone", "serve", "--data", str(data)]


def cpu_seconds_of(roots: Collection[int]) -> float:
    """Return the CPU time of the processes `roots` and of all below them, that of children that ended included."""
    table = {entry.pid: entry for entry in all_processes()}
    family = set(roots)
    while born := {entry.pid for entry in table.values() if entry.parent in family} - family:
        family |= born
    return sum(entry.cpu_seconds for entry in table.values() if entry.pid in family)


class Entry(NamedTuple):
    """What the kernel tells of a process; its CPU time is with that of the children that it has waited for."""

    pid: int
    parent: int
    cpu_seconds: float


def all_processes() -> Iterator[Entry]:
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue  # it ended meanwhile
        yield Entry(int(folder.name), int(fields[1]), sum(map(int, fields[11:15])) / TICKS)


def resident_bytes(pid: int) -> int:
    """Return the resident memory of one process."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE_BYTES


def wait_until_ready(process: subprocess.Popen[bytes], base_url: str) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if httpx.get(f"{base_url}/ready").status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.01)
    raise RuntimeError(f"{base_url} does not become ready; see build/bench.log")
