"""Reads of the audit log for a caller, who sees his tenant's part only."""

from sqlalchemy import bindparam, func, select

from aktenfluss.kernel import Principal
from aktenfluss.servicekit import Database, prepare

from ..domain.checkpoint import SignedCheckpoint
from ..domain.record import AuditRecord
from .rows import CHECKPOINT_COLUMNS, RECORD_COLUMNS, checkpoint_of, record_of
from .tables import audit_checkpoint, audit_record

RECORD, CHECKPOINT = audit_record.c, audit_checkpoint.c
OWN_CHAIN = (RECORD.tenant_id == bindparam("tenant_id"), RECORD.chain_key == bindparam("chain_key"))
CHAIN = prepare(
    select(*RECORD_COLUMNS)
    .where(*OWN_CHAIN, RECORD.chain_seq > bindparam("after"), RECORD.chain_seq <= bindparam("until"))
    .order_by(RECORD.chain_seq)
    .limit(bindparam("limit"))
)
CHAIN_LENGTH = prepare(select(func.max(RECORD.chain_seq)).where(*OWN_CHAIN))
CHECKPOINTS = prepare(
    select(*CHECKPOINT_COLUMNS)
    .where(CHECKPOINT.tenant_id == bindparam("tenant_id"), CHECKPOINT.number < bindparam("before"))
    .order_by(CHECKPOINT.number.desc())
    .limit(bindparam("limit"))
)


class SqlAuditQueries:
    """Implements `AuditQueries`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def chain(self, principal: Principal, key: str, after: int, until: int, limit: int) -> list[AuditRecord]:
        async with self._database.reading(principal) as tx:
            rows = await tx.fetch_all(
                CHAIN, tenant_id=principal.tenant_id, chain_key=key, after=after, until=until, limit=limit
            )
        return [record_of(row) for row in rows]

    async def chain_length(self, principal: Principal, key: str) -> int:
        async with self._database.reading(principal) as tx:
            return await tx.fetch_value(CHAIN_LENGTH, tenant_id=principal.tenant_id, chain_key=key) or 0

    async def checkpoints(self, principal: Principal, before: int, limit: int) -> list[SignedCheckpoint]:
        async with self._database.reading(principal) as tx:
            rows = await tx.fetch_all(CHECKPOINTS, tenant_id=principal.tenant_id, before=before, limit=limit)
        return [checkpoint_of(row) for row in rows]
