"""The URL of a Kafka cluster: `kafka://[user:password@]host:port[,host:port…][?security=…&ca=…&replication=…&prefix=…]`."""

import re
import ssl
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, Self
from urllib.parse import parse_qsl, unquote, urlsplit

from ..errors import SettingsError

SERVER = re.compile(r"(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9_.-]+):[0-9]{1,5}")
PREFIX = re.compile(r"[A-Za-z0-9._-]{0,100}")
REPLICATION = 3
PARAMETERS = frozenset({"security", "ca", "replication", "prefix"})


class KafkaUrlError(SettingsError):
    """`EVENT_BUS_URL` names no Kafka cluster; the message tells which part is wrong, never the password."""

    def __init__(self, fault: str) -> None:
        super().__init__(f"EVENT_BUS_URL: {fault}")


class Security(StrEnum):
    """How a connection is protected, and whether the client proves who it is (SCRAM-SHA-512, RFC 5802)."""

    PLAINTEXT = "plaintext"
    TLS = "tls"
    SASL_PLAINTEXT = "sasl_plaintext"
    SASL_TLS = "sasl_tls"

    @property
    def is_encrypted(self) -> bool:
        return self in {Security.TLS, Security.SASL_TLS}

    @property
    def has_user(self) -> bool:
        return self in {Security.SASL_PLAINTEXT, Security.SASL_TLS}

    @property
    def protocol(self) -> str:
        """Kafka's word for it."""
        return self.name.replace("TLS", "SSL")


@dataclass(frozen=True, slots=True)
class KafkaAddress:
    """Where the cluster is and how to enter it.

    `prefix` stands in front of the names of topics and groups, so that several installations share a cluster;
    `replication` is on how many brokers an event must lie.
    """

    servers: tuple[str, ...]
    security: Security = Security.PLAINTEXT
    username: str = ""
    password: str = field(default="", repr=False)
    ca: Path | None = None
    replication: int = REPLICATION
    prefix: str = ""

    @classmethod
    def parse(cls, url: str) -> Self:
        """Return the address that `url` tells; raises KafkaUrlError where it tells none."""
        parts = urlsplit(url)
        if parts.scheme != "kafka" or parts.path.strip("/") or parts.fragment:
            raise KafkaUrlError("a Kafka cluster is kafka://host:port[,host:port], with parameters behind a ?")
        user_info, _, servers = parts.netloc.rpartition("@")
        username, _, password = user_info.partition(":")
        options = parameters_of(parts.query)
        return cls(
            servers=servers_of(servers),
            security=security_of(options.get("security", "plaintext"), unquote(username), unquote(password)),
            username=unquote(username),
            password=unquote(password),
            ca=Path(options["ca"]) if "ca" in options else None,
            replication=replication_of(options.get("replication", str(REPLICATION))),
            prefix=prefix_of(options.get("prefix", "")),
        )

    def client_options(self) -> dict[str, Any]:
        """Return how every client of the cluster connects.

        Raises KafkaUrlError where the file of the certificate authority cannot be read.
        """
        options: dict[str, Any] = {
            "bootstrap_servers": list(self.servers),
            "security_protocol": self.security.protocol,
        }
        if self.security.is_encrypted:
            options["ssl_context"] = verifying_context(self.ca)
        if self.security.has_user:
            options |= {
                "sasl_mechanism": "SCRAM-SHA-512",
                "sasl_plain_username": self.username,
                "sasl_plain_password": self.password,
            }
        return options


def parameters_of(query: str) -> dict[str, str]:
    """Return the parameters of the URL, each of which is known and given once."""
    pairs = parse_qsl(query, keep_blank_values=True)
    options = dict(pairs)
    if unknown := sorted(options.keys() - PARAMETERS):
        raise KafkaUrlError(f"unknown parameter {', '.join(unknown)}; there are {', '.join(sorted(PARAMETERS))}")
    if len(options) < len(pairs):
        raise KafkaUrlError("a parameter is given twice")
    return options


def servers_of(text: str) -> tuple[str, ...]:
    servers = tuple(text.split(","))
    if wrong := [server for server in servers if not SERVER.fullmatch(server)]:
        raise KafkaUrlError(f"{wrong[0]!r} is not host:port")
    return servers


def security_of(text: str, username: str, password: str) -> Security:
    """Return the protection named `text`; user and password go with the two `sasl_…` and no other."""
    try:
        security = Security(text)
    except ValueError as exc:
        raise KafkaUrlError(f"security is one of {', '.join(Security)}") from exc
    if security.has_user and not (username and password):
        raise KafkaUrlError(f"security={security} needs user:password@ in front of the hosts")
    if (username or password) and not security.has_user:
        raise KafkaUrlError(f"security={security} sends no user and password; write sasl_tls")
    return security


def replication_of(text: str) -> int:
    if not re.fullmatch("[1-9][0-9]?", text):
        raise KafkaUrlError("replication is the number of brokers that keep each event")
    return int(text)


def prefix_of(text: str) -> str:
    if not PREFIX.fullmatch(text):
        raise KafkaUrlError("prefix has letters, digits and . _ - alone, at most 100")
    return text


def verifying_context(ca: Path | None) -> ssl.SSLContext:
    """Return a context that trusts `ca`, or the system's authorities, and checks the name of the server."""
    try:
        return ssl.create_default_context(cafile=ca)
    except OSError as exc:  # of which ssl.SSLError is one
        raise KafkaUrlError(f"no certificates can be read from {ca}") from exc
