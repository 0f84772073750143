"""The servers that a cluster stands on: PostgreSQL, Kafka and an S3 store, empty."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from tools.servers import Kafka, Minio, PostgresServer
from tools.servers.process import LOOPBACK

DATABASES = ("audit", "cases", "documents", "scans")


@dataclass(frozen=True, slots=True)
class Servers:
    """All of them, started; `settings` is how the product finds them."""

    postgres: PostgresServer
    kafka: Kafka
    store: Minio
    settings: Mapping[str, str]

    @classmethod
    def start(cls, folder: Path, host: str = LOOPBACK, ports: Sequence[int | None] = (None, None, None)) -> Self:
        """Start all at once, at ports of their own or at these, and make the databases and the roles of the services."""
        of_postgres, of_kafka, of_store = ports
        with ThreadPoolExecutor(3) as pool:
            postgres = pool.submit(PostgresServer.start, folder / "postgres", host=host, port=of_postgres)
            kafka = pool.submit(Kafka.start, folder / "kafka", host=host, port=of_kafka)
            store = pool.submit(Minio.start, folder / "store", host=host, port=of_store)
        settings = {
            **database_settings(postgres.result()),
            "EVENT_BUS_URL": f"kafka://{kafka.result().bootstrap}?security=plaintext&replication=1",
            "OBJECT_STORE_URL": store.result().url,
        }
        return cls(postgres.result(), kafka.result(), store.result(), settings)

    def stop(self) -> None:
        for server in (self.kafka, self.store, self.postgres):
            server.stop()


def database_settings(server: PostgresServer) -> dict[str, str]:
    """Make the databases and return where they are; `{service}` stands for the name of each."""
    for service in DATABASES:
        server.create(service)
    return {"DATABASE_URL": server.app_url("{service}"), "DATABASE_OWNER_URL": server.owner_url("{service}")}
