"""Whose the cluster of this machine is: noted on its bridge, so that another tree can take away what a killed run has left."""

import re
from pathlib import Path

import psutil
from tools.servers.state import CLOCK_SECONDS

NOTE = re.compile(r"(?P<pid>\d+) (?P<started>[\d.]+) (?P<folder>.+)")


def note_of(folder: Path) -> str:
    """Return what is noted of a cluster that is to end with this process."""
    process = psutil.Process()
    return f"{process.pid} {process.create_time()} {folder}"


def abandoned(note: str) -> Path | None:
    """Return the folder of a cluster whose process has ended; None where it runs, or none was noted."""
    noted = NOTE.fullmatch(note)
    if noted is None or is_running(int(noted["pid"]), float(noted["started"])):
        return None
    return Path(noted["folder"])


def is_running(pid: int, started: float) -> bool:
    """Tell whether a process runs; another one that was given its number later is not it."""
    try:
        return bool(abs(psutil.Process(pid).create_time() - started) < CLOCK_SECONDS)
    except psutil.NoSuchProcess:
        return False
