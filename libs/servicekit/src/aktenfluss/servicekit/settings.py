"""What an operator may set, read from the environment; the only reader of it."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class ProcessRole(StrEnum):
    """What of its services a process does."""

    API = "api"
    WORKER = "worker"
    ALL = "all"

    @property
    def serves(self) -> bool:
        """Whether it answers requests, not only for health and metrics."""
        return self is not ProcessRole.WORKER

    @property
    def works(self) -> bool:
        """Whether it carries events and does jobs."""
        return self is not ProcessRole.API


class ServiceSettings(BaseSettings):
    """Settings that every service has; the scheme of each URL picks its adapter."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore")

    data_folder: Annotated[Path, Field(description="Folder of all embedded parts: database, objects, keys.")] = Path(
        "data"
    )
    database_url: Annotated[
        SecretStr,
        Field(
            description="`embedded:` for the PostgreSQL of the data folder, or `postgresql://…` for the app's role; "
            "`{service}` in it stands for the name of each service."
        ),
    ] = SecretStr("embedded:")
    database_owner_url: Annotated[
        SecretStr | None,
        Field(description="`postgresql://…` for the owner's role, needed by `migrate` alone; `{service}` as above."),
    ] = None
    database_backup_url: Annotated[
        SecretStr | None,
        Field(
            description="`postgresql://…` for a role that reads all rows, needed by `backup` alone; `{service}` as above."
        ),
    ] = None
    database_pool_size: Annotated[
        int, Field(ge=1, le=100, description="Most connections of a service to its database.")
    ] = 8
    database_connect_seconds: Annotated[
        float, Field(gt=0, le=60, description="Longest wait for a connection; then the answer is 503.")
    ] = 5.0
    database_statement_seconds: Annotated[
        float,
        Field(gt=0, le=600, description="Longest time of a statement (`statement_timeout`); then the answer is 503."),
    ] = 30.0
    database_lock_seconds: Annotated[
        float, Field(gt=0, le=600, description="Longest wait for a lock (`lock_timeout`); then the answer is 503.")
    ] = 10.0
    database_idle_transaction_seconds: Annotated[
        float,
        Field(
            gt=0,
            le=600,
            description="Longest pause in a transaction (`idle_in_transaction_session_timeout`); then it is rolled back.",
        ),
    ] = 60.0
    object_store_url: Annotated[
        SecretStr,
        Field(
            description="`file:` for the folder `objects` of the data folder, `file:///…` for another, or "
            "`s3://ACCESS:SECRET@host:port/bucket?region=us-east-1&tls=true&ca=/path` for a bucket of an S3 store."
        ),
    ] = SecretStr("file:")
    object_store_threads: Annotated[
        int, Field(ge=1, le=64, description="How many requests to an S3 store run at the same time in a process.")
    ] = 8
    object_store_read_seconds: Annotated[
        float,
        Field(gt=0, le=300, description="How long an S3 store may be silent within a request until it counts as gone."),
    ] = 30.0
    backup_url: Annotated[
        SecretStr | None,
        Field(description="Where `backup` writes and `restore` reads: a folder or a bucket, as `OBJECT_STORE_URL`."),
    ] = None
    event_bus_url: Annotated[
        SecretStr,
        Field(
            description="`postgres:` for the event log in the embedded database server, or "
            "`kafka://host:port,host:port?security=plaintext&replication=3&prefix=` for a cluster; `security` may be "
            "`tls`, and with `user:password@` in front of the hosts `sasl_tls` or `sasl_plaintext` (SCRAM-SHA-512); "
            "`ca=/path` names the certificate authority, `prefix` tells installations on one cluster apart."
        ),
    ] = SecretStr("postgres:")
    instance: Annotated[
        str,
        Field(
            pattern=r"^[A-Za-z0-9._-]{0,100}$",
            description="Name of this process, no other's of its service and the same after a restart: with it a worker "
            "keeps its share of the events on Kafka while it restarts. Empty for none.",
        ),
    ] = ""
    relay_slots: Annotated[
        int,
        Field(
            ge=1, le=64, description="Into how many parts the workers of a service share its outbox: so many publish."
        ),
    ] = 4
    auth_issuer: Annotated[
        str, Field(description="`embedded:` for keys made at the first start, or the URL of an OIDC issuer.")
    ] = "embedded:"
    auth_audience: Annotated[str, Field(description="The `aud` that a token must carry.")] = "aktenfluss"
    auth_roles_claim: Annotated[str, Field(description="The claim of an OIDC token that lists the roles.")] = "roles"
    auth_tenant_claim: Annotated[str, Field(description="The claim of an OIDC token that names the authority.")] = (
        "tenant"
    )
    secret: Annotated[
        SecretStr | None,
        Field(
            description="32 random bytes or more, from which cursors and grants are signed; made at the first start. While "
            "it is exchanged, several with a space between two: the first signs, all of them verify."
        ),
    ] = None
    peer_urls: Annotated[
        dict[str, str],
        Field(description="Base URL of each other service, as JSON; empty where all run in one process."),
    ] = {}
    peer_connect_seconds: Annotated[
        float, Field(gt=0, le=60, description="Longest wait for a connection to another service.")
    ] = 3.0
    peer_read_seconds: Annotated[
        float, Field(gt=0, le=600, description="Longest silence of another service that works on an answer.")
    ] = 30.0
    traces_endpoint: Annotated[
        str,
        Field(
            pattern=r"^(https?://[^@\s]+)?$",
            description="Where a collector takes traces by OTLP over HTTP, `http://host:4318/v1/traces`; empty for none.",
        ),
    ] = ""
    traces_sample_ratio: Annotated[
        float, Field(ge=0, le=1, description="Which part of the traces that begin here is taken down.")
    ] = 1.0
    role: Annotated[
        ProcessRole,
        Field(description="`api` answers requests, `worker` carries events and does jobs, `all` does both."),
    ] = ProcessRole.ALL
    host: Annotated[str, Field(description="Address to listen on.")] = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65_535, description="Port to listen on; 0 takes a free one.")] = 8080
    log_level: Annotated[str, Field(pattern="^(debug|info|warning|error)$", description="Least severe log line.")] = (
        "info"
    )
