"""Transactions on the audit log."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

from sqlalchemy import bindparam, func, insert, select
from sqlalchemy.dialects.postgresql import insert as upsert

from aktenfluss.kernel import EventData, Principal
from aktenfluss.servicekit import Database, SqlTransaction, prepare

from ..domain.checkpoint import SignedCheckpoint
from ..domain.record import NO_HASH, AuditRecord, Head
from .pages import pages
from .rows import CHECKPOINT_COLUMNS, checkpoint_of, checkpoint_values, record_values
from .tables import audit_checkpoint, audit_record

RECORD, CHECKPOINT = audit_record.c, audit_checkpoint.c
OWN_RECORD = RECORD.tenant_id == bindparam("tenant_id")
OWN_CHECKPOINT = CHECKPOINT.tenant_id == bindparam("tenant_id")

LAST_OF_CHAIN = (
    select(RECORD.chain_seq, RECORD.hash)
    .where(OWN_RECORD, RECORD.chain_key == bindparam("chain_key"))
    .order_by(RECORD.chain_seq.desc())
    .limit(1)
    .subquery()
)
LAST = select(func.max(RECORD.position).label("position")).where(OWN_RECORD).subquery()
HEAD = prepare(
    select(LAST.c.position, LAST_OF_CHAIN.c.chain_seq, LAST_OF_CHAIN.c.hash).select_from(
        LAST.outerjoin(LAST_OF_CHAIN, LAST.c.position.is_not(None))
    )
)
APPEND = prepare(upsert(audit_record).on_conflict_do_nothing())
HAS_EVENT = prepare(select(RECORD.event_id).where(OWN_RECORD, RECORD.event_id == bindparam("event_id")))
LEAVES = pages(
    select(RECORD.position, RECORD.hash)
    .where(OWN_RECORD, RECORD.position.between(bindparam("first"), bindparam("last")))
    .order_by(RECORD.position),
    RECORD.tenant_id,
    RECORD.position,
)
TRY_LOCK = prepare(select(func.pg_try_advisory_xact_lock(func.hashtextextended(bindparam("lock"), 0))))
LAST_CHECKPOINT = prepare(select(*CHECKPOINT_COLUMNS).where(OWN_CHECKPOINT).order_by(CHECKPOINT.number.desc()).limit(1))
HAS_SIZE = prepare(select(CHECKPOINT.size).where(OWN_CHECKPOINT, CHECKPOINT.size == bindparam("size")))
ADD_CHECKPOINT = prepare(insert(audit_checkpoint))


class SqlRecordLog:
    """Implements `RecordLog`."""

    def __init__(self, tx: SqlTransaction) -> None:
        self._tx = tx

    async def head(self, chain_key: str) -> Head:
        row = await self._tx.fetch_one(HEAD, tenant_id=self._tx.principal.tenant_id, chain_key=chain_key)
        assert row is not None
        return Head(row["position"] or 0, row["chain_seq"] or 0, row["hash"] or NO_HASH)

    async def append(self, record: AuditRecord) -> bool:
        return await self._tx.execute(APPEND, **record_values(record)) == 1

    async def has_event(self, event_id: UUID) -> bool:
        found = await self._tx.fetch_value(HAS_EVENT, tenant_id=self._tx.principal.tenant_id, event_id=event_id)
        return found is not None

    async def leaves(self, after: int, limit: int) -> list[tuple[int, bytes]]:
        rows = await LEAVES.read(self._tx, self._tx.principal.tenant_id, after + 1, limit)
        return [(row["position"], row["hash"]) for row in rows]


class SqlCheckpointLog:
    """Implements `CheckpointLog`."""

    def __init__(self, tx: SqlTransaction) -> None:
        self._tx = tx

    async def try_lock(self) -> bool:
        locked: bool = await self._tx.fetch_value(TRY_LOCK, lock=f"seal {self._tx.principal.tenant_id}")
        return locked

    async def last(self) -> SignedCheckpoint | None:
        row = await self._tx.fetch_one(LAST_CHECKPOINT, tenant_id=self._tx.principal.tenant_id)
        return checkpoint_of(row) if row else None

    async def has_size(self, size: int) -> bool:
        found = await self._tx.fetch_value(HAS_SIZE, tenant_id=self._tx.principal.tenant_id, size=size)
        return found is not None

    async def add(self, signed: SignedCheckpoint) -> None:
        await self._tx.execute(ADD_CHECKPOINT, **checkpoint_values(signed))


class SqlAuditTransaction:
    """Implements `AuditTransaction`."""

    def __init__(self, tx: SqlTransaction) -> None:
        self._tx = tx
        self.records = SqlRecordLog(tx)
        self.checkpoints = SqlCheckpointLog(tx)

    @property
    def principal(self) -> Principal:
        return self._tx.principal

    def publish(self, data: EventData, *, key: object, subject: object, version: int) -> None:
        self._tx.publish(data, key=key, subject=subject, version=version)


class SqlAuditUnitOfWork:
    """Implements `AuditUnitOfWork`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @asynccontextmanager
    async def begin(self, principal: Principal) -> AsyncIterator[SqlAuditTransaction]:
        async with self._database.transaction(principal) as tx:
            yield SqlAuditTransaction(tx)
