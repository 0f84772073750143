"""The Kafka server: what it needs, how it is set up, and when its clients are really served."""

import base64
import re
import secrets
import shutil
import socket
import struct
import tempfile
import uuid
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Self

from ..cache import cached, run
from ..process import LOOPBACK, Server, free_port
from ..secret import secret
from .certificate import make_certificate

POM = Path(__file__).with_name("pom.xml")
USER = "aktenfluss"
JAVA = ("java", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto", "-Dlog4j2.level=WARN")
"""The first compiler only: a server that lives for minutes does not earn back what the second one costs."""
ARCHIVE = "classes.jsa"
FIND_COORDINATOR = 10
PROPERTIES = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller}
controller.listener.names=CONTROLLER
inter.broker.listener.name=INTERNAL
listeners=CLIENT://{host}:{port},INTERNAL://127.0.0.1:{internal},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=CLIENT://{host}:{advertised},INTERNAL://127.0.0.1:{internal}
listener.security.protocol.map=CLIENT:{protocol},INTERNAL:PLAINTEXT,CONTROLLER:PLAINTEXT
sasl.enabled.mechanisms=SCRAM-SHA-512
listener.name.client.scram-sha-512.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;
listener.name.client.ssl.keystore.type=PEM
listener.name.client.ssl.keystore.location={folder}/server.pem
log.dirs={folder}/data
auto.create.topics.enable=false
default.replication.factor=1
min.insync.replicas=1
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=4
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
# A consumer that joins is served at once instead of after three seconds.
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=1000
# After a SIGKILL the controller takes the broker back once its old session is over, which is nine seconds by default.
broker.session.timeout.ms=2000
broker.heartbeat.interval.ms=400
num.network.threads=2
num.io.threads=4
log.cleaner.dedupe.buffer.size=8388608
log.index.size.max.bytes=1048576
"""


class Security(StrEnum):
    """How clients reach the server, as `EVENT_BUS_URL` names it."""

    PLAINTEXT = "plaintext"
    TLS = "tls"
    SASL_PLAINTEXT = "sasl_plaintext"
    SASL_TLS = "sasl_tls"

    @property
    def protocol(self) -> str:
        """Kafka's own word."""
        return self.name.replace("TLS", "SSL")


class Kafka(Server):
    """Apache Kafka in KRaft mode. Clients have one listener; the broker itself uses another, always in plain text."""

    name = "kafka"

    def __init__(
        self, folder: Path, security: Security, port: int | None, host: str = LOOPBACK, advertised: int | None = None
    ) -> None:
        super().__init__(folder, port, host)
        self.advertised = advertised or self.port
        self.security = security
        self._internal = free_port()
        self._controller = free_port()

    @classmethod
    def start(
        cls,
        folder: Path,
        *,
        security: str = Security.PLAINTEXT,
        port: int | None = None,
        host: str = LOOPBACK,
        advertised: int | None = None,
    ) -> Self:
        """Start a server on the data of `folder`; the first start formats it. Topics are made by clients alone.

        Clients are sent to the port that is `advertised`, that of a proxy, where it is not the server's own.
        """
        server = cls(folder, Security(security), port, host, advertised)
        server.configure()
        server.start_again()
        return server

    @property
    def bootstrap(self) -> str:
        return f"{self.host}:{self.advertised}"

    @property
    def url(self) -> str:
        """What EVENT_BUS_URL wants, with the user and the certificate where `security` asks for them."""
        user = f"{USER}:{self.password}@" if self.security.startswith("sasl") else ""
        ca = f"&ca={self.certificate}" if self.security.endswith("tls") else ""
        return f"kafka://{user}{self.bootstrap}?security={self.security}&replication=1{ca}"

    @property
    def password(self) -> str:
        """The password of USER, by SCRAM-SHA-512."""
        return secret(self.folder / "password")

    @property
    def certificate(self) -> Path:
        """The certificate of the server, which is its own authority, as PEM."""
        return self.folder / "ca.pem"

    @staticmethod
    def build() -> Path:
        """Return the folder with Kafka's Java libraries; the first call fetches and starts them once."""
        classes()
        return libraries()

    def configure(self) -> None:
        """Write the settings for the ports of this start; format the data where there is none."""
        if not self.certificate.exists():
            make_certificate(self.folder / "server.pem", self.certificate)
        self._settings.write_text(self.settings())
        if not (self.folder / "data" / "meta.properties").exists():
            self._format()

    def settings(self) -> str:
        """Return what `server.properties` says."""
        return PROPERTIES.format(
            host=self.host,
            port=self.port,
            advertised=self.advertised,
            internal=self._internal,
            controller=self._controller,
            protocol=self.security.protocol,
            folder=self.folder,
        )

    def _format(self) -> None:
        cluster = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        user = f"SCRAM-SHA-512=[name={USER},password={self.password}]"
        # With an equals sign: the id may begin with a dash.
        arguments = [f"--cluster-id={cluster}", "-c", str(self._settings), "--add-scram", user]
        run(*self._java("64m"), "kafka.tools.StorageTool", "format", *arguments)

    @property
    def _settings(self) -> Path:
        return self.folder / "server.properties"

    def command(self) -> list[str]:
        return [*self._java("256m"), self.class_option(), "kafka.Kafka", str(self._settings)]

    def class_option(self) -> str:
        """Return how Java comes by Kafka's classes: laid out beforehand, which halves the time of a start."""
        return f"-XX:SharedArchiveFile={classes()}"

    def _java(self, heap: str) -> list[str]:
        return [*JAVA, f"-Xmx{heap}", "-cp", f"{libraries()}/*"]

    def is_serving(self) -> bool:
        """Ask for the coordinator of a group: it answers later than the port does, and is what consumers wait for."""
        return coordinator_error(self._internal) == 0


class Recording(Kafka):
    """A server that lays out the classes it has used when it ends."""

    stop_seconds = 300

    def class_option(self) -> str:
        return f"-XX:ArchiveClassesAtExit={self.folder / ARCHIVE}"


def libraries() -> Path:
    return cached(f"kafka-{version()}", fetch)


def classes() -> Path:
    """Return the classes as this Java lays them out; another one would not take them."""
    return cached(f"kafka-{version()}-{java_version()}", record) / ARCHIVE


@cache
def java_version() -> str:
    """Return the first line that Java tells of itself, as a name for a file: `openjdk-17.0.15-2025-04-15`."""
    return re.sub(r"[^\w.]+", "-", run("java", "--version").splitlines()[0])


def record(folder: Path) -> None:
    with tempfile.TemporaryDirectory() as data:
        Recording.start(Path(data)).stop()
        shutil.move(Path(data) / ARCHIVE, folder)


def version() -> str:
    """Return the version of Kafka that the pom names; the one of the binding follows from it."""
    found = re.search(r"<artifactId>kafka_[\d.]+</artifactId>\s*<version>(.+?)</version>", POM.read_text())
    assert found is not None
    return found[1]


def fetch(folder: Path) -> None:
    run("mvn", "-q", "-B", "-f", POM, "dependency:copy-dependencies", f"-DoutputDirectory={folder}")


def coordinator_error(port: int) -> int:
    """Send FindCoordinator, version 0, and return the error code of the answer (Kafka protocol guide)."""
    group = f"probe-{secrets.token_hex(4)}".encode()
    request = struct.pack(">hhihh", FIND_COORDINATOR, 0, 1, -1, len(group)) + group
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        connection.sendall(struct.pack(">i", len(request)) + request)
        with connection.makefile("rb") as stream:
            answer = stream.read(10)
    if len(answer) < 10:
        raise ConnectionError("the broker closed the connection")
    return int.from_bytes(answer[8:10], signed=True)
