"""The network of the cluster: a bridge of its own on this machine, made, and taken away with every rule that came with it."""

import json
import re
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from tools.servers import ServerError
from tools.servers.cache import run

BRIDGE = "kube0"
ADDRESS = "10.244.0.1"
"""Where pods find this machine, and what runs beside the cluster on it."""
PODS = "10.244.0.0/24"
SERVICES = "10.96.0.0/16"
DNS = "10.96.0.10"
QUEUE = "100"
"""Where the first packet of each connection waits for the verdict of kube-network-policies: the bridge plugin asks nobody."""
POLICY_TABLE = "inet kube-network-policies"
"""What kube-network-policies makes by itself where the kernel has queues for nftables."""
SYSTEM = Path("/proc/sys/net")
SWITCHES = {
    "ipv4/ip_forward": "1",
    "bridge/bridge-nf-call-iptables": "1",
    "ipv4/conf/all/route_localnet": "1",  # so that a port of the node is open on the loopback
}
OURS = re.compile(r"^(KUBE|CNI)-")
LEADS_TO_OURS = re.compile(rf"-[jg] (KUBE|CNI)-|-[io] {BRIDGE}\b")


def exists() -> bool:
    """Tell whether a cluster has its bridge on this machine."""
    return Path("/sys/class/net", BRIDGE).exists()


def note() -> str:
    """Return what was noted on the bridge when it was made."""
    return Path("/sys/class/net", BRIDGE, "ifalias").read_text().strip()


def make(before: Path, note: str) -> None:
    """Make the bridge with a note on it and let packets through; `before` keeps how the switches of the kernel stood."""
    before.write_text(json.dumps({switch: (SYSTEM / switch).read_text() for switch in SWITCHES}))
    for switch, value in SWITCHES.items():
        (SYSTEM / switch).write_text(value)
    run("ip", "link", "add", BRIDGE, "type", "bridge")
    run("ip", "link", "set", BRIDGE, "alias", note)
    run("ip", "address", "add", f"{ADDRESS}/24", "dev", BRIDGE)
    run("ip", "link", "set", BRIDGE, "up")
    for way in ("-i", "-o"):  # where Docker is, what nobody allows is not forwarded
        run("iptables", "-w", "-I", "FORWARD", way, BRIDGE, "-j", "ACCEPT")
    with suppress(ServerError):  # a kernel without such queues: tests ask whether policies hold
        ask_policies()


def ask_policies() -> None:
    """Let NetworkPolicies decide on what pods begin, among each other and with this machine; without a verdict all may pass."""
    for chain in ("FORWARD", "INPUT"):
        begun = ("-i", BRIDGE, "-m", "conntrack", "--ctstate", "NEW")
        run("iptables", "-w", "-I", chain, *begun, "-j", "NFQUEUE", "--queue-num", QUEUE, "--queue-bypass")


def enforces_policies() -> bool:
    """Tell whether NetworkPolicies hold in the cluster that runs here."""
    return "-j NFQUEUE" in run("iptables", "-w", "-S", "INPUT")


def remove(before: Path) -> None:
    """Take away the bridge, the networks of the pods and all rules of the cluster, and turn the switches back."""
    for name in namespaces():
        run("ip", "netns", "delete", name)
    if exists():
        run("ip", "link", "delete", BRIDGE)
    run("nft", f"add table {POLICY_TABLE}; delete table {POLICY_TABLE}")
    for family in ("iptables", "ip6tables"):
        rules = run(f"{family}-save")
        subprocess.run([f"{family}-restore", "-w", "--noflush"], input=undoing(rules), text=True, check=True)
    if before.exists():
        for switch, value in json.loads(before.read_text()).items():
            (SYSTEM / switch).write_text(value)
        before.unlink()


def namespaces() -> list[str]:
    """Return the networks that pods have or had."""
    return [line.split()[0] for line in run("ip", "netns", "list").splitlines() if line.startswith("cni-")]


def undoing(saved: str) -> str:
    """Return what `iptables-restore --noflush` reads to forget the rules of the cluster among those that were saved."""
    return "".join(
        f"{line}\n" for table in re.split(r"^(?=\*)", saved, flags=re.MULTILINE) for line in forgetting(table)
    )


def forgetting(table: str) -> Iterator[str]:
    name, *lines = table.splitlines() or [""]
    chains = [line[1:].split()[0] for line in lines if line.startswith(":") and OURS.match(line[1:])]
    rules = [
        line for line in lines if line.startswith("-A ") and not OURS.match(line[3:]) and LEADS_TO_OURS.search(line)
    ]
    if chains or rules:
        yield name
        yield from (f"-D {rule[3:]}" for rule in rules)
        yield from (f"-F {chain}" for chain in chains)
        yield from (f"-X {chain}" for chain in chains)
        yield "COMMIT"
