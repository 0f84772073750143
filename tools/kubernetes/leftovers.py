"""What pods leave on a machine when the programs that looked after them are gone: processes, mounts, cgroups."""

import hashlib
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

import psutil
from tools.servers.cache import run
from tools.servers.process import STOP_SECONDS, holds_within, is_gone

from .machine import CGROUPS
from .node import socket_of

LINKS = Path("/var/log/containers")
RESULTS = Path("/var/lib/cni/results")
SHIMS = Path("/run/containerd")
DEVICES = Path("/var/lib/kubelet/device-plugins")
NAMESPACE = "k8s.io"
TASKS = Path("containerd", "state", "io.containerd.runtime.v2.task", NAMESPACE)


def end_pods(folder: Path) -> None:
    """Kill every process of every pod, and those that watch over them."""
    end([*watchers(folder), *pod_processes()])


def kill(uid: str) -> None:
    """Kill every process of one pod."""
    end(list(pod_processes(f"pod{uid}")))


def end(processes: Sequence[psutil.Process]) -> None:
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    holds_within(STOP_SECONDS, lambda: all(map(is_gone, processes)))


def watchers(folder: Path) -> list[psutil.Process]:
    """Return the shims of the containerd of this folder."""
    own = str(socket_of(folder))
    return [found for found in psutil.process_iter(["cmdline"]) if is_shim(found.info["cmdline"] or [], own)]


def is_shim(command: list[str], socket: str) -> bool:
    return bool(command) and "containerd-shim" in command[0] and socket in command


def pod_processes(pod: str = "") -> Iterator[psutil.Process]:
    """Give the processes in the cgroups of all pods, or of one."""
    numbers: set[str] = set()
    for group in pod_groups():
        if not pod or pod in group.parts:
            with suppress(OSError):
                numbers.update((group / "cgroup.procs").read_text().split())
    for number in numbers:
        with suppress(psutil.NoSuchProcess):
            yield psutil.Process(int(number))


def pod_groups() -> Iterator[Path]:
    """Give the cgroups of the pods, of all kinds, the inner ones first."""
    for root in (*CGROUPS.glob("*/kubepods"), CGROUPS / "kubepods"):
        yield from (Path(folder) for folder, _, _ in os.walk(root, topdown=False))


def remove_groups() -> None:
    for group in pod_groups():
        with suppress(OSError):  # a process that died a moment ago still counts
            group.rmdir()


def unmount(folder: Path) -> None:
    """Take away every mount below the folder, the inner ones first."""
    mounts = [line.split()[1] for line in Path("/proc/mounts").read_text().splitlines()]
    for mount in reversed(mounts):
        if Path(mount).is_relative_to(folder):
            run("umount", "--lazy", mount)


def remove_links(folder: Path) -> None:
    """Remove the names that the kubelet gave to the logs of pods elsewhere."""
    for link in LINKS.glob("*.log"):
        if link.is_symlink() and link.readlink().is_relative_to(folder):
            link.unlink()
    with suppress(OSError):  # others have logs there
        LINKS.rmdir()


def forget_containers(folder: Path) -> None:
    """Remove what containerd, its shims and CNI noted elsewhere of the containers that were killed."""
    for container in (found.name for found in (folder / TASKS).glob("*")):
        (SHIMS / "s" / shim_name(socket_of(folder), container)).unlink(missing_ok=True)
        shutil.rmtree(SHIMS / "runc" / NAMESPACE / container, ignore_errors=True)
        for result in RESULTS.glob(f"*-{container}-*"):
            result.unlink()
    (DEVICES / "kubelet.sock").unlink(missing_ok=True)


def shim_name(socket: Path, container: str) -> str:
    """Return how containerd calls the socket of a shim."""
    return hashlib.sha256(f"{socket}/{NAMESPACE}/{container}".encode()).hexdigest()
