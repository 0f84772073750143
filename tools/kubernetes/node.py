"""The programs of the one node: containerd, the kubelet and the proxy, with their configurations."""

import json
from functools import partial
from pathlib import Path
from typing import Any

from tools.servers.process import LOOPBACK, free_port

from . import network
from .component import Component, is_healthy, listens
from .control_plane import ControlPlane
from .machine import PLUGINS

NAME = "node"
PAUSE = "local/pause:1"
CONTAINERD = """\
version = 2
root = "{folder}/containerd/root"
state = "{folder}/containerd/state"
[grpc]
  address = "{folder}/containerd.sock"
[plugins."io.containerd.internal.v1.opt"]
  path = "{folder}/containerd/opt"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "{pause}"
  # Without CAP_SYS_RESOURCE nobody may make a process less likely to be killed.
  restrict_oom_score_adj = true
  [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
    runtime_type = "io.containerd.runc.v2"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
      SystemdCgroup = false
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "{plugins}"
    conf_dir = "{folder}/cni"
"""


class Node:
    """Runs pods. Everything lies in the folder, but for networks and cgroups."""

    def __init__(self, folder: Path, kubebox: Path, control_plane: ControlPlane) -> None:
        self.folder = folder
        self._kubebox = kubebox
        self._plane = control_plane

    @property
    def socket(self) -> Path:
        """Where containerd listens."""
        return socket_of(self.folder)

    def containerd(self) -> Component:
        settings = self.folder / "containerd.toml"
        settings.write_text(CONTAINERD.format(folder=self.folder, pause=PAUSE, plugins=PLUGINS))
        (self.folder / "cni").mkdir()
        (self.folder / "cni" / "10-bridge.conflist").write_text(json.dumps(pod_network(self.folder)))
        command = ["containerd", "--config", str(settings)]
        return Component(self.folder / "log", "containerd", command, partial(listens, self.socket))

    def kubelet(self) -> Component:
        port = free_port()
        settings = self.folder / "kubelet.json"
        settings.write_text(json.dumps(self._kubelet_settings(port), indent=2))
        (self.folder / "resolv.conf").write_text(f"nameserver {network.ADDRESS}\n")
        flags = [
            f"--config={settings}",
            f"--kubeconfig={self._plane.configuration('kubelet')}",
            f"--root-dir={self.folder / 'kubelet'}",
            f"--hostname-override={NAME}",
            f"--node-ip={network.ADDRESS}",
        ]
        return self._component("kubelet", port, flags)

    def _kubelet_settings(self, port: int) -> dict[str, Any]:
        serving = self._plane.serving
        return {
            "apiVersion": "kubelet.config.k8s.io/v1beta1",
            "kind": "KubeletConfiguration",
            "address": network.ADDRESS,
            "port": free_port(),
            "healthzBindAddress": LOOPBACK,
            "healthzPort": port,
            "authentication": {
                "anonymous": {"enabled": False},
                "webhook": {"enabled": True},
                "x509": {"clientCAFile": str(self._plane.authority.certificate)},
            },
            "authorization": {"mode": "Webhook"},
            "tlsCertFile": str(serving),
            "tlsPrivateKeyFile": str(serving.with_suffix(".key")),
            "clusterDomain": "cluster.local",
            "clusterDNS": [network.DNS],
            "resolvConf": str(self.folder / "resolv.conf"),
            "containerRuntimeEndpoint": f"unix://{self.socket}",
            "podLogsDir": str(self.folder / "pod-logs"),
            "cgroupDriver": "cgroupfs",
            "failCgroupV1": False,
            "failSwapOn": False,
            "evictionHard": {"memory.available": "100Mi", "nodefs.available": "1%", "imagefs.available": "1%"},
            "imageGCHighThresholdPercent": 100,
            "maxPods": 100,
        }

    def proxy(self) -> Component:
        port = free_port()
        flags = [
            f"--kubeconfig={self._plane.configuration('proxy')}",
            f"--cluster-cidr={network.PODS}",
            f"--hostname-override={NAME}",
            "--proxy-mode=iptables",
            f"--nodeport-addresses={LOOPBACK}/8",
            "--conntrack-max-per-core=0",
            f"--bind-address={network.ADDRESS}",
            f"--healthz-bind-address={LOOPBACK}:{port}",
            f"--metrics-bind-address={LOOPBACK}:{free_port()}",
        ]
        return self._component("proxy", port, flags)

    def _component(self, name: str, port: int, flags: list[str]) -> Component:
        works = partial(is_healthy, LOOPBACK, port, "/healthz")
        return Component(self.folder / "log", name, [str(self._kubebox), name, *flags], works, port)


def socket_of(folder: Path) -> Path:
    return folder / "containerd.sock"


def pod_network(folder: Path) -> dict[str, Any]:
    """Return how a pod gets its address: on the bridge, out of one net, without a way to the world."""
    addresses = {
        "type": "host-local",
        "ranges": [[{"subnet": network.PODS}]],
        "routes": [{"dst": "0.0.0.0/0"}],
        "dataDir": str(folder / "addresses"),
    }
    bridge = {"type": "bridge", "bridge": network.BRIDGE, "isGateway": True, "hairpinMode": True, "ipam": addresses}
    ports = {"type": "portmap", "capabilities": {"portMappings": True}}
    return {"cniVersion": "1.0.0", "name": "pods", "plugins": [bridge, ports]}
