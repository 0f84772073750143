"""The programs that decide: etcd, the API server, the controllers and the scheduler, each with its flags."""

from functools import partial
from pathlib import Path

from tools.servers.process import LOOPBACK, free_port

from . import network
from .component import Component, is_healthy
from .credentials import Authority, write_client_configuration, write_key_pair

SERVICE_PORTS = "32000-32767"
"""Ports of the node that services may have: beside those of the servers of the tests."""
FIRST_SERVICE = "10.96.0.1"
PLACES = ("localhost", "kubernetes.default.svc", LOOPBACK, network.ADDRESS, FIRST_SERVICE)


class ControlPlane:
    """What the programs share: who they are, and where they find each other. Everything lies in the folder."""

    def __init__(self, folder: Path, kubebox: Path, node: str) -> None:
        self.folder = folder
        self._kubebox = kubebox
        self._etcd_port, self._port = free_port(), free_port()
        self.authority = Authority(folder / "keys")
        self.serving = self.authority.issue("server", "kube-apiserver", places=PLACES)
        write_key_pair(folder / "keys" / "accounts")
        self._client("admin", "admin", "system:masters")
        for program in ("controller-manager", "scheduler", "proxy"):
            self._client(program, f"system:kube-{program}")
        self._client("kubelet", f"system:node:{node}", "system:nodes")

    def _client(self, file: str, name: str, group: str = "") -> None:
        certificate = self.authority.issue(file, name, group=group)
        server = f"https://{network.ADDRESS}:{self._port}"
        write_client_configuration(self.configuration(file), server, self.authority.certificate, certificate)

    def configuration(self, client: str) -> Path:
        """Return the file with which a client finds the API server."""
        return self.folder / f"{client}.conf"

    def component(self, name: str, port: int, path: str, *flags: str) -> Component:
        works = partial(is_healthy, LOOPBACK, port, path, self.authority.certificate)
        return Component(self.folder / "log", name, [str(self._kubebox), name, *flags], works, port)

    def etcd(self) -> Component:
        clients, peers = f"http://{LOOPBACK}:{self._etcd_port}", f"http://{LOOPBACK}:{free_port()}"
        flags = ["--data-dir", str(self.folder / "etcd"), "--unsafe-no-fsync", "--log-level", "warn"]
        flags += ["--listen-client-urls", clients, "--advertise-client-urls", clients]
        flags += ["--listen-peer-urls", peers, "--initial-advertise-peer-urls", peers]
        flags += ["--initial-cluster", f"default={peers}"]
        works = partial(is_healthy, LOOPBACK, self._etcd_port, "/health")
        return Component(self.folder / "log", "etcd", ["etcd", *flags], works, self._etcd_port)

    def api_server(self) -> Component:
        """Return the API server, which listens on the bridge alone."""
        keys = self.folder / "keys"
        admin, certificate = keys / "admin.crt", self.authority.certificate
        flags = [
            f"--etcd-servers=http://{LOOPBACK}:{self._etcd_port}",
            f"--bind-address={network.ADDRESS}",
            f"--advertise-address={network.ADDRESS}",
            f"--secure-port={self._port}",
            f"--service-cluster-ip-range={network.SERVICES}",
            f"--service-node-port-range={SERVICE_PORTS}",
            f"--client-ca-file={certificate}",
            f"--tls-cert-file={self.serving}",
            f"--tls-private-key-file={self.serving.with_suffix('.key')}",
            f"--kubelet-client-certificate={admin}",
            f"--kubelet-client-key={admin.with_suffix('.key')}",
            f"--kubelet-certificate-authority={certificate}",
            f"--service-account-key-file={keys / 'accounts.pub'}",
            f"--service-account-signing-key-file={keys / 'accounts.key'}",
            "--service-account-issuer=https://kubernetes.default.svc",
            "--authorization-mode=Node,RBAC",
            "--enable-admission-plugins=NodeRestriction",
            "--kubelet-preferred-address-types=InternalIP",
        ]
        works = partial(is_healthy, network.ADDRESS, self._port, "/readyz", certificate)
        return Component(self.folder / "log", "apiserver", [str(self._kubebox), "apiserver", *flags], works, self._port)

    def controller_manager(self) -> Component:
        keys, certificate, port = self.folder / "keys", self.authority.certificate, free_port()
        flags = [
            f"--root-ca-file={certificate}",
            f"--service-account-private-key-file={keys / 'accounts.key'}",
            "--allocate-node-cidrs=false",
            "--use-service-account-credentials=true",
        ]
        return self.component("controller-manager", port, "/healthz", *self._common("controller-manager", port), *flags)

    def scheduler(self) -> Component:
        port = free_port()
        return self.component("scheduler", port, "/healthz", *self._common("scheduler", port))

    def _common(self, client: str, port: int) -> list[str]:
        return [
            f"--kubeconfig={self.configuration(client)}",
            f"--bind-address={LOOPBACK}",
            f"--secure-port={port}",
            f"--tls-cert-file={self.serving}",
            f"--tls-private-key-file={self.serving.with_suffix('.key')}",
            "--leader-elect=false",
        ]
