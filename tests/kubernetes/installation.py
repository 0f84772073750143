"""The product on a real Kubernetes: a cluster of one node, servers beside it, the chart in it, a door at a port of the node."""

import base64
import json
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
from cryptography.hazmat.primitives.asymmetric import ec
from scripts.version import version as tree_version
from tests.cluster.servers import Servers
from tests.faults.invariants import SERVICES
from tools.kubernetes import Cluster, network
from tools.kubernetes.credentials import Authority, private_pem
from tools.servers.secret import secret, write_secret

from aktenfluss.kernel import Role, SystemClock
from aktenfluss.servicekit import EmbeddedIssuer

from .ledger import keep_ledger
from .pods import SYSTEM, Pod, Pods
from .release import NAME, NAMESPACE, Release, Version

DOOR = "http://127.0.0.1:32080"
SECURE_DOOR = "https://127.0.0.1:32443"
HOSTNAME = "akten.example"
PORTS = (5432, 9092, 443)
"""Those of PostgreSQL, Kafka and the store that the chart lets through unless told otherwise."""
RESTRICTED = {"pod-security.kubernetes.io/enforce": "restricted"}

SECRETS = {
    "database": "DATABASE_URL",
    "database-owner": "DATABASE_OWNER_URL",
    "store": "OBJECT_STORE_URL",
    "bus": "EVENT_BUS_URL",
}
"""What leads to the servers, by the names of the documentation."""


class Installation:
    """Everything that runs; `folder` holds the keys, so that tests can mint tokens."""

    base_url, alone = DOOR, False
    servers: Servers | None = None
    settings: dict[str, str]
    """What a command needs that acts on the installation from outside."""
    authority: Authority
    """Who signs the certificate of the door."""

    def __init__(self, folder: Path, cluster: Cluster) -> None:
        self.folder = folder
        self.cluster = cluster
        self.release = Release(cluster)
        self.pods = Pods(cluster)
        self.times: dict[str, float] = {}

    def install(self, version: Version) -> None:
        """Install the product in the cluster, which is up; the servers end with this process."""
        with self._timed("servers"):
            self.servers = Servers.start(self.folder, network.ADDRESS, PORTS)
        with self._timed("images"):
            self.take_up(version)
        with self._timed("release"):
            self.prepare()
            self.release.install(version)
        keep_ledger({service: self.database_url(service) for service in SERVICES})

    def take_up(self, version: Version) -> None:
        """Bring the images of a version to the node, under its tag where it has one of its own."""
        for image in version.images:
            self.cluster.load(image)
        for service in (*SERVICES, "gateway", "standalone") if version.tag else ():
            name = f"localhost/aktenfluss-{service}"
            self.cluster.tag(f"{name}:{tree_version()}", f"{name}:{version.tag}")

    @contextmanager
    def _timed(self, what: str) -> Iterator[None]:
        began = time.monotonic()
        yield
        self.times[what] = round(time.monotonic() - began, 1)

    def prepare(self) -> None:
        """Make the namespace, and the Secrets that the chart asks for."""
        self.apply({"kind": "Namespace", "metadata": {"name": NAMESPACE, "labels": RESTRICTED}})
        self.settings = dict(self.servers.settings)
        self.apply_servers()
        self.apply_secret("keys", {**self.keys(), "secret": secret(self.folder / "secret")})
        self.authority = Authority(self.folder / "door")
        self.apply_certificate(self.authority.issue("door", HOSTNAME, places=(HOSTNAME,)))

    def apply_servers(self) -> None:
        """Tell pods that start from now on where the servers are, and as whom they enter."""
        for name, setting in SECRETS.items():
            self.apply_secret(name, {"url": self.settings[setting]})

    def keys(self) -> dict[str, str]:
        """Make the keys of the issuer and of the audit; they stay in the folder too, for those who act from outside."""
        keys = self.folder / "keys"
        EmbeddedIssuer.open(keys, SystemClock())
        write_secret(keys / "audit.pem", private_pem(ec.generate_private_key(ec.SECP256R1())))
        return {name: (keys / name).read_text() for name in ("issuer.pem", "audit.pem")}

    def apply(self, manifest: Mapping[str, Any]) -> None:
        """Make an object, or let it be so."""
        with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
            file.write(json.dumps({"apiVersion": "v1", **manifest}))
            file.flush()
            self.cluster.kubectl("apply", "--filename", file.name)

    def apply_secret(self, name: str, values: Mapping[str, str], type_: str = "Opaque") -> None:
        """Write a Secret `aktenfluss-NAME`."""
        data = {key: base64.b64encode(value.encode()).decode() for key, value in values.items()}
        metadata = {"name": f"aktenfluss-{name}", "namespace": NAMESPACE}
        self.apply({"kind": "Secret", "type": type_, "metadata": metadata, "data": data})

    def apply_certificate(self, certificate: Path) -> None:
        """Give the door another certificate."""
        pair = {"tls.crt": certificate.read_text(), "tls.key": certificate.with_suffix(".key").read_text()}
        self.apply_secret("door", pair, "kubernetes.io/tls")

    def kubectl(self, *arguments: str) -> str:
        """Run kubectl in the namespace of the product."""
        return self.cluster.kubectl(f"--namespace={NAMESPACE}", *arguments)

    def token(self, role: Role, tenant: str = "offenbach") -> str:
        issuer = EmbeddedIssuer.open(self.folder / "keys", SystemClock())
        return issuer.mint(f"test:{role}", tenant, [role])

    def is_ready(self) -> bool:
        """Tell whether every pod is ready, those of the system too, and the door leads to the product."""
        return self.pods.are_ready() and self.pods.are_ready(SYSTEM) and self.door_leads_in()

    def door_leads_in(self) -> bool:
        try:
            return httpx.get(f"{DOOR}/ready", timeout=5).status_code == 200
        except httpx.TransportError:
            return False

    def all_pods(self) -> list[Pod]:
        """Return the pods of the product and those before it: the door, and the names of services."""
        return self.pods.of() + self.pods.of(SYSTEM)

    def database_url(self, service: str) -> str:
        """Return how to read the database of a service past its row-level security."""
        return self.servers.postgres.superuser_url(service)

    def log(self) -> str:
        """Return the last lines of what the processes logged."""
        every = f"--selector=app.kubernetes.io/instance={NAME}"
        return self.kubectl("logs", every, "--tail=15", "--prefix", "--ignore-errors")

    def stop(self) -> None:
        """Kill the servers: what they keep goes with them, and in order they would wait for the pods to leave."""
        if self.servers:
            for server in (self.servers.kafka, self.servers.store, self.servers.postgres):
                server.kill()
