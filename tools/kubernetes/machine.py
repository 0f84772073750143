"""What a machine must be for a cluster to be made on it, and what is installed where it is missing."""

import os
import shutil
import sys
from contextlib import suppress
from pathlib import Path

from tools.servers import ServerError
from tools.servers.cache import run

from . import network

UNAVAILABLE = os.EX_TEMPFAIL
"""Exit code where no cluster can be made on this machine; nothing is wrong with the product then."""
SYSTEM_PROGRAMS = "/usr/local/sbin:/usr/sbin:/sbin"
PLUGINS = Path("/usr/lib/cni")
CGROUPS = Path("/sys/fs/cgroup")
CONTROLLERS = frozenset({"cpu", "memory", "pids"})
PACKAGES = {
    "containerd": "containerd",
    "ctr": "containerd",
    "runc": "runc",
    "etcd": "etcd-server",
    "conntrack": "conntrack",
    "iptables": "iptables",
    "nft": "nftables",
    "ip": "iproute2",
    str(PLUGINS / "bridge"): "containernetworking-plugins",
}
"""Programs with the packages of Debian that they come in."""


class UnavailableError(ServerError):
    """No cluster can be made on this machine; the message says in a sentence why."""


def search_path() -> str:
    return f"{os.environ.get('PATH', os.defpath)}:{SYSTEM_PROGRAMS}"


def check() -> None:
    """Raise UnavailableError where a cluster cannot be made, whatever is installed."""
    for refusal in (not_linux, not_root, no_cgroups, no_bridges):
        if sentence := refusal():
            raise UnavailableError(f"no cluster can be made here: {sentence}")


def not_linux() -> str:
    return "" if sys.platform == "linux" else "it needs Linux"


def not_root() -> str:
    return "" if os.geteuid() == 0 else "it needs root, for containers, networks and mounts"


def no_cgroups() -> str:
    missing = ", ".join(sorted(CONTROLLERS - controllers()))
    return missing and f"the kernel does not offer cgroups for {missing} under {CGROUPS}"


def controllers() -> set[str]:
    """Return what cgroups can limit here, whether they are of version 1 or 2."""
    unified = CGROUPS / "cgroup.controllers"
    return set(unified.read_text().split()) if unified.exists() else {folder.name for folder in CGROUPS.glob("*")}


def no_bridges() -> str:
    """Say what is missing for pods to reach services on the same node; loads the module where it is one."""
    modprobe = shutil.which("modprobe", path=search_path())
    if modprobe and not (network.SYSTEM / "bridge").exists():
        with suppress(ServerError):  # what the kernel has is told by the line below
            run(modprobe, "br_netfilter")
    return "" if (network.SYSTEM / "bridge").exists() else "the kernel does not filter bridges (br_netfilter)"


def install() -> None:
    """Install what is missing; raises UnavailableError where that is not possible."""
    packages = missing_packages()
    if not packages:
        return
    way_out = f"no cluster can be made here: install {', '.join(packages)}"
    if not shutil.which("apt-get"):
        raise UnavailableError(f"{way_out}; there is no apt-get to do it")
    try:
        apt_install(packages)
    except ServerError as exc:
        raise UnavailableError(f"{way_out}; apt-get does not: {str(exc).splitlines()[-1]}") from exc


def apt_install(packages: list[str]) -> None:
    """Install packages; another apt-get that is at work is waited for."""
    options = ("--yes", "--quiet", "--no-install-recommends", "--option=DPkg::Lock::Timeout=300")
    install = ("apt-get", "install", *options, *packages)
    quiet = {"DEBIAN_FRONTEND": "noninteractive"}
    try:
        run(*install, environment=quiet)
    except ServerError:
        run("apt-get", "update", "--quiet")
        run(*install, environment=quiet)


def missing_packages() -> list[str]:
    """Return the packages of programs that are not there."""
    return sorted({package for program, package in PACKAGES.items() if not shutil.which(program, path=search_path())})
