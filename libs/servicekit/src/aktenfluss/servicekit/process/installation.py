"""An installation: what the URLs of the settings name, opened once for all services of a process."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path

import httpx
from prometheus_client import CollectorRegistry

from aktenfluss.kernel import Clock, SystemClock

from ..database.database import Database
from ..database.databases import Databases, is_embedded
from ..database.limits import Limits
from ..errors import SettingsError, UnknownSchemeError
from ..events.event_bus import EventBus
from ..events.read_log import ReadLog
from ..folder_lock import alone_in
from ..http import Cursors
from ..identity import EmbeddedIssuer, Grants, OidcIssuer, TokenVerifier, TrustedIssuer, key_file
from ..objects.file_store import FileStore
from ..objects.object_store import ObjectStore
from ..objects.s3_store import S3Store
from ..objects.s3_url import S3Url
from ..peer_lines import Lines
from ..peers import Peers, ServiceTokens
from ..settings import ServiceSettings
from ..tracing import UNTRACED, Tracing
from . import jobs
from .buses import kafka_address, open_bus, prepare_bus, require_bus
from .resources import Resources


@dataclass(frozen=True, slots=True)
class Installation:
    """The resources that the services of one process share."""

    settings: ServiceSettings
    databases: Databases
    store: ObjectStore
    issuer: EmbeddedIssuer
    verifier: TokenVerifier
    grants: Grants
    cursors: Cursors
    peers: Peers
    clock: Clock
    registry: CollectorRegistry
    tracing: Tracing
    closing: AsyncExitStack

    @property
    def key_folder(self) -> Path:
        """Where the secrets are kept."""
        return key_folder(self.settings)

    @property
    def alone(self) -> bool:
        """Whether no other process serves these databases: the embedded server belongs to one household."""
        return self.databases.are_embedded

    @property
    def database(self) -> None:
        """None: so an installation is enough for a service that keeps nothing."""
        return

    async def prepare(self, schemas: Mapping[str, str]) -> None:
        """Bring to this release what its services stand on: each one's schema, named with its package, bus and store."""
        for name, package in schemas.items():
            self.databases.migrate(name, package)
        await prepare_bus(self.settings, self.databases)
        await self.store.prepare()

    async def require(self, schemas: Mapping[str, str]) -> None:
        """Raise NotPreparedError unless everything is as this release needs it."""
        for name, package in schemas.items():
            self.databases.require_current(name, package)
        if schemas and self.settings.role.works:
            await require_bus(self.settings, self.databases)

    async def open_bus(self) -> EventBus:
        """Connect to the bus until the end of the installation; only who carries or consumes events needs it."""
        bus = await open_bus(self.settings, self.databases, self.registry)
        self.closing.push_async_callback(bus.close)
        return bus

    async def resources(self, name: str) -> Resources:
        """Open what the service `name` has for itself, and add what it shares."""
        dsn = self.databases.address(name).app_dsn
        limits = Limits.of(self.settings)
        database = await Database.connect(dsn, limits, clock=self.clock)
        self.closing.push_async_callback(database.close)
        queue = jobs.open_jobs(dsn, limits, self.tracing.of(name))
        jobs.add_upkeep(queue, database, self.store)
        return Resources(
            name=name,
            database=database,
            reads=ReadLog(database, self.clock),
            jobs=queue,
            store=self.store,
            verifier=self.verifier,
            grants=self.grants,
            cursors=self.cursors,
            peers=self.peers.named(name),
            clock=self.clock,
            registry=self.registry,
            tracing=self.tracing,
            key_folder=self.key_folder,
        )


@asynccontextmanager
async def open_installation(settings: ServiceSettings, clock: Clock | None = None) -> AsyncIterator[Installation]:
    """Start and open what the settings name; all of it is closed and stopped at the end.

    Raises UnknownSchemeError for a URL that no adapter takes, SettingsError for another that names nothing.
    """
    kafka_address(settings)  # refused before anything is started
    clock = clock or SystemClock()
    settings.data_folder.mkdir(parents=True, exist_ok=True)
    async with AsyncExitStack() as closing:
        databases = Databases(settings)
        closing.callback(databases.close)
        store = open_store(settings)
        closing.push_async_callback(store.close)
        issuer = EmbeddedIssuer.open(key_folder(settings), clock)
        secrets = installation_secrets(settings)
        registry = CollectorRegistry()
        peers = open_peers(settings, issuer, registry)
        closing.push_async_callback(peers.close)
        tracing = open_tracing(settings)
        closing.push_async_callback(asyncio.to_thread, tracing.close)
        provider = open_provider(settings, clock)
        if provider is not None:
            closing.push_async_callback(provider.close)
        yield Installation(
            settings=settings,
            databases=databases,
            store=store,
            issuer=issuer,
            verifier=TokenVerifier(trusted_issuers(settings, issuer, provider), clock),
            grants=Grants(secrets, clock),
            cursors=Cursors(secrets),
            peers=peers,
            clock=clock,
            registry=registry,
            tracing=tracing,
            closing=closing,
        )


@contextmanager
def sole_use(settings: ServiceSettings) -> Iterator[None]:
    """Serve the data folder alone where the databases lie in it; raises FolderInUseError where another process does."""
    with alone_in(settings.data_folder) if is_embedded(settings) else nullcontext():
        yield


def open_store(settings: ServiceSettings) -> ObjectStore:
    """Return the store that `OBJECT_STORE_URL` names."""
    url = settings.object_store_url.get_secret_value()
    if url.startswith("s3:"):
        patience = settings.object_store_read_seconds
        return S3Store(S3Url.parse(url), threads=settings.object_store_threads, read_seconds=patience)
    if not url.startswith("file:"):
        raise UnknownSchemeError(f"OBJECT_STORE_URL: no object store for {url.partition(':')[0]}:, only file: and s3:")
    path = url.removeprefix("file:").removeprefix("//")
    return FileStore(Path(path) if path else settings.data_folder.absolute() / "objects")


def open_peers(settings: ServiceSettings, tokens: ServiceTokens, registry: CollectorRegistry) -> Peers:
    """Return the services of `PEER_URLS`; each is connected with its first call."""
    timeout = httpx.Timeout(settings.peer_read_seconds, connect=settings.peer_connect_seconds)
    return Peers({}, tokens, lines=Lines(settings.peer_urls, timeout=timeout, registry=registry))


def open_tracing(settings: ServiceSettings) -> Tracing:
    """Return who hands traces to the collector of `TRACES_ENDPOINT`, where one is set."""
    if not settings.traces_endpoint:
        return UNTRACED
    from .otlp_tracing import OtlpTracing  # noqa: PLC0415 - twelve megabytes for who wants traces

    return OtlpTracing(settings.traces_endpoint, settings.traces_sample_ratio)


def open_provider(settings: ServiceSettings, clock: Clock) -> OidcIssuer | None:
    """Return the authority's identity provider, where `AUTH_ISSUER` names one; it is asked with the first token."""
    return None if settings.auth_issuer == "embedded:" else OidcIssuer(settings.auth_issuer, clock)


def trusted_issuers(
    settings: ServiceSettings, embedded: EmbeddedIssuer, provider: OidcIssuer | None
) -> list[TrustedIssuer]:
    """Return whose tokens count: the embedded issuer's (services of one process call each other), and the provider's."""
    if provider is None:
        return [embedded.trusted]
    authority = provider.trusted(
        audience=settings.auth_audience, tenant_claim=settings.auth_tenant_claim, roles_claim=settings.auth_roles_claim
    )
    return [embedded.trusted, authority]


def key_folder(settings: ServiceSettings) -> Path:
    """Return where the secrets are kept."""
    return settings.data_folder.absolute() / "keys"


def installation_secrets(settings: ServiceSettings) -> list[bytes]:
    """Return the secrets of the settings, or the one that the first start made; the first signs, all of them verify.

    Raises SettingsError where one is too short.
    """
    if settings.secret is None:
        return [key_file(key_folder(settings) / "secret")]
    secrets = [secret.encode() for secret in settings.secret.get_secret_value().split(" ")]
    if any(len(secret) < 32 for secret in secrets):
        raise SettingsError("SECRET: each one needs 32 bytes or more; a space is between two, and nowhere else")
    return secrets
