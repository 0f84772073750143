"""Checks what the machine gives to this process: open files, memory, room on its disks."""

import resource
import shutil
import tempfile
from pathlib import Path

import psutil

from .finding import Finding, failure, fine, warning

FEWEST_FILES, ENOUGH_FILES = 1024, 4096
LEAST_ROOM, ENOUGH_ROOM = 256 << 20, 4 << 30
"""Bytes; two contents of the largest size that is taken find room in the second."""
ENOUGH_MEMORY = 512 << 20
CGROUP_LIMITS = (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"))
"""Of version 2 and of version 1, as a process sees them in its own container."""


def limits(data: Path) -> list[Finding]:
    """Tell the limits of this process; those of the services may be others."""
    return [
        open_files(resource.getrlimit(resource.RLIMIT_NOFILE)[0]),
        memory(least_memory(CGROUP_LIMITS)),
        room_in("room data", data),
        room_in("room temporary", Path(tempfile.gettempdir())),
    ]


def open_files(most: int) -> Finding:
    """Tell how many files and connections may be open; -1 is without end."""
    if most == resource.RLIM_INFINITY or most >= ENOUGH_FILES:
        return fine("open files", "no limit" if most == resource.RLIM_INFINITY else f"up to {most}")
    tell = failure if most < FEWEST_FILES else warning
    return tell(
        "open files", f"up to {most}", f"Raise the limit to {ENOUGH_FILES} (`ulimit -n`, LimitNOFILE of systemd)."
    )


def least_memory(files: tuple[Path, ...]) -> int:
    """Return the memory that this process may use: of the machine, or of its control group where that is less."""
    texts = [file.read_text().strip() for file in files if file.is_file()]
    return min([int(psutil.virtual_memory().total), *(int(text) for text in texts if text.isdigit())])


def memory(most: int) -> Finding:
    told = f"{most >> 20} MiB"
    if most < ENOUGH_MEMORY:
        return warning("memory", told, f"Give the process {ENOUGH_MEMORY >> 20} MiB, as the chart does.")
    return fine("memory", told)


def room_in(name: str, folder: Path) -> Finding:
    """Tell how much room is left on the disk of a folder, which may not be there yet."""
    there = next(place for place in (folder, *folder.parents) if place.exists())
    return room(name, shutil.disk_usage(there).free)


def room(name: str, free: int) -> Finding:
    told = f"{free / (1 << 30):.1f} GiB free"
    if free >= ENOUGH_ROOM:
        return fine(name, told)
    return (failure if free < LEAST_ROOM else warning)(name, told, "Add room or free some; no write is lost meanwhile.")
