"""Tells at the start since when there are the keys of a process, and until when the certificates hold that it trusts."""

from collections.abc import Iterator
from pathlib import Path

import structlog
from cryptography.x509 import load_pem_x509_certificates
from prometheus_client import CollectorRegistry, Gauge

from ..events.kafka_url import KafkaAddress
from ..objects.s3_url import S3Url
from ..settings import ServiceSettings

log = structlog.get_logger("secrets")


def report_keys(folder: Path, registry: CollectorRegistry) -> None:
    """Show when each key in `folder` was written."""
    written = Gauge(
        "key_written_timestamp_seconds",
        "When the file of a key was written; a Secret of Kubernetes is written anew with each pod",
        ["key"],
        registry=registry,
    )
    for path in folder.glob("*.pem"):
        written.labels(path.stem).set(path.stat().st_mtime)


def report_certificates(settings: ServiceSettings, registry: CollectorRegistry) -> None:
    """Show until when the first of the certificates holds by which a server is known."""
    until = Gauge(
        "certificate_not_after_timestamp_seconds",
        "When the first certificate ends in a file that the settings name as `ca`",
        ["server"],
        registry=registry,
    )
    for server, path in authorities(settings):
        try:
            found = load_pem_x509_certificates(path.read_bytes())
        except (OSError, ValueError) as exc:
            # Who connects by it says what is wrong, and waits or ends.
            log.warning("certificates not read", host=server, error=type(exc).__name__)
        else:
            until.labels(server).set(min(one.not_valid_after_utc.timestamp() for one in found))


def authorities(settings: ServiceSettings) -> Iterator[tuple[str, Path]]:
    """Give the files of certificate authorities that the settings name, by the server that they are for."""
    bus, store = settings.event_bus_url.get_secret_value(), settings.object_store_url.get_secret_value()
    if bus.startswith("kafka:") and (path := KafkaAddress.parse(bus).ca):
        yield "kafka", path
    if store.startswith("s3:") and (path := S3Url.parse(store).ca):
        yield "s3", path
