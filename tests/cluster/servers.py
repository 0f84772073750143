"""The servers that a cluster stands on: PostgreSQL, Kafka and an S3 store, empty."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from tools.servers import Kafka, Minio, PostgresServer

DATABASES = ("audit", "cases", "documents", "scans")


@dataclass(frozen=True, slots=True)
class Servers:
    """All of them, started; `settings` is how the product finds them."""

    postgres: PostgresServer
    kafka: Kafka
    store: Minio
    settings: Mapping[str, str]

    @classmethod
    def start(cls, folder: Path) -> Self:
        """Start all at once, and make the databases and the roles of the services."""
        with ThreadPoolExecutor(3) as pool:
            postgres = pool.submit(PostgresServer.start, folder / "postgres")
            kafka = pool.submit(Kafka.start, folder / "kafka")
            store = pool.submit(Minio.start, folder / "store")
        settings = {
            **database_urls(postgres.result()),
            "EVENT_BUS_URL": f"kafka://{kafka.result().bootstrap}?security=plaintext",
            "OBJECT_STORE_URL": store.result().url,
        }
        return cls(postgres.result(), kafka.result(), store.result(), settings)

    def stop(self) -> None:
        for server in (self.kafka, self.store, self.postgres):
            server.stop()


def database_urls(server: PostgresServer) -> dict[str, str]:
    """Make the databases and return the two settings in which `{service}` stands for the name of each."""
    urls = {service: server.create(service) for service in DATABASES}
    owner, app = (template(urls, position) for position in (0, 1))
    return {"DATABASE_URL": app, "DATABASE_OWNER_URL": owner}


def template(urls: Mapping[str, tuple[str, str]], position: int) -> str:
    found = {pair[position].replace(service, "{service}") for service, pair in urls.items()}
    assert len(found) == 1, [urlsplit(url).hostname for url in found]
    return found.pop()
