"""Wires `audit`: settings and resources become a service."""

from collections.abc import Awaitable, Callable, Sequence

from aktenfluss.servicekit import Api, KeyBundle, Resources, Service, key_file

from .adapters.checkpoint_archive import ObjectCheckpointArchive, place_of
from .adapters.inventory import SqlAuditInventory
from .adapters.queries import SqlAuditQueries
from .adapters.signer import KeySigner, new_private_key
from .adapters.unit_of_work import SqlAuditUnitOfWork
from .api.events import subscriptions
from .api.jobs import jobs
from .api.routes import routes
from .settings import AuditSettings
from .use_cases.append_record import AppendRecord
from .use_cases.list_checkpoints import ListCheckpoints
from .use_cases.read_records import ReadRecords
from .use_cases.seal_records import SealRecords
from .use_cases.verify_log import VerifyLog
from .use_cases.verify_own_log import VerifyOwnLog

NAME = "audit"
MIGRATIONS = "aktenfluss.audit.adapters.migrations"


def build(settings: AuditSettings, resources: Resources) -> Service:
    """Return the service; the key that signs checkpoints is made here where there is none yet."""
    units = SqlAuditUnitOfWork(resources.database)
    queries = SqlAuditQueries(resources.database)
    signer = signer_of(settings, resources)
    archive = ObjectCheckpointArchive(resources.store)
    inventory = SqlAuditInventory(resources.database)
    api = Api(
        name=NAME,
        title="Audit",
        description="Who did, read and decided what: append-only, chained and sealed.",
        resources=resources,
    )
    api.include(
        routes(
            ReadRecords(queries, resources.reads),
            ListCheckpoints(queries, resources.reads),
            VerifyOwnLog(VerifyLog(inventory, archive, signer), resources.reads),
            resources.cursors,
        )
    )
    jobs(resources.jobs, SealRecords(units, inventory, archive, signer, resources.clock))
    return Service(
        name=NAME,
        app=api.app,
        prefixes=("/v1/audit-records", "/v1/audit-checkpoints", "/v1/audit-verification"),
        database=resources.database,
        jobs=resources.jobs,
        migrations=MIGRATIONS,
        subscriptions=subscriptions(settings.audit_services, AppendRecord(units)),
    )


def verification(settings: AuditSettings, resources: Resources) -> VerifyLog:
    """Return what verifies the logs of all authorities, for the command line.

    It takes no lock and makes nothing: it may run beside the service, or while that is stopped.
    """
    return VerifyLog(
        SqlAuditInventory(resources.database), ObjectCheckpointArchive(resources.store), signer_of(settings, resources)
    )


def restorable(resources: Resources) -> Callable[[Sequence[str]], Awaitable[set[str]]]:
    """Return what says which of some objects of a backup belong to the restored database.

    A copy of a checkpoint that it does not know is of a record that was made after the backup's moment and is lost: it
    stays where it is, as the proof that the record existed.
    """
    inventory = SqlAuditInventory(resources.database)

    async def belong(keys: Sequence[str]) -> set[str]:
        places = {key: place for key in keys if (place := place_of(key))}
        sizes = {tenant: [size for one, size in places.values() if one == tenant] for tenant, _ in places.values()}
        known = {(t, size) for t, asked in sizes.items() for size in await inventory.checkpoint_sizes(t, asked)}
        return {key for key in keys if key not in places or places[key] in known}

    return belong


def signer_of(settings: AuditSettings, resources: Resources) -> KeySigner:
    """Return the signer of the installation; its key is made where there is none yet."""
    path = settings.audit_key_file or resources.key_folder / "audit.pem"
    return KeySigner(KeyBundle.of_pem(key_file(path, new_private_key), path.name))
