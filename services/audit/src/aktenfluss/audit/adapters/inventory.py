"""Reads over the logs of all tenants, for sealing and for verification."""

from collections.abc import Collection

from sqlalchemy import ARRAY, BigInteger, Table, any_, bindparam, select, text

from aktenfluss.servicekit import Database, Statement, prepare

from ..domain.checkpoint import SignedCheckpoint
from ..domain.evidence import LinkedRecord
from .rows import CHECKPOINT_COLUMNS, RECORD_COLUMNS, checkpoint_of, linked_record_of
from .tables import audit_checkpoint, audit_record

RECORD, CHECKPOINT = audit_record.c, audit_checkpoint.c
PREDECESSOR = audit_record.alias("predecessor")
LOWEST = -(1 << 63)
"""Below every position: somebody may have put a record before the first."""


def tenants_of(table: Table) -> Statement:
    """Return the statement that finds each tenant with one step in the index, however long his log is."""
    return prepare(
        text(f"""
            WITH RECURSIVE tenant (id) AS (
                (SELECT tenant_id FROM {table.name} ORDER BY tenant_id LIMIT 1)
                UNION ALL
                SELECT (SELECT tenant_id FROM {table.name} WHERE tenant_id > tenant.id ORDER BY tenant_id LIMIT 1)
                FROM tenant WHERE tenant.id IS NOT NULL
            )
            SELECT id FROM tenant WHERE id IS NOT NULL
        """)  # noqa: S608 - the name is that of a table above
    )


RECORD_TENANTS = tenants_of(audit_record)
CHECKPOINT_TENANTS = tenants_of(audit_checkpoint)
UNSEALED = prepare(
    text("""
        SELECT id FROM unnest(CAST(:ids AS text[])) id
        WHERE (SELECT max(position) FROM audit_record WHERE tenant_id = id)
            > (SELECT coalesce(max(size), 0) FROM audit_checkpoint WHERE tenant_id = id)
        ORDER BY id
    """)
)
RECORDS = prepare(
    select(
        *RECORD_COLUMNS,
        PREDECESSOR.c.position.label("predecessor_position"),
        PREDECESSOR.c.hash.label("predecessor_hash"),
    )
    .select_from(
        audit_record.outerjoin(
            PREDECESSOR,
            (PREDECESSOR.c.tenant_id == RECORD.tenant_id)
            & (PREDECESSOR.c.chain_key == RECORD.chain_key)
            & (PREDECESSOR.c.chain_seq == RECORD.chain_seq - 1),
        )
    )
    .where(RECORD.tenant_id == bindparam("tenant_id"), RECORD.position > bindparam("after"))
    .order_by(RECORD.position)
    .limit(bindparam("limit"))
)
CHECKPOINTS = prepare(
    select(*CHECKPOINT_COLUMNS)
    .where(CHECKPOINT.tenant_id == bindparam("tenant_id"), CHECKPOINT.number > bindparam("after"))
    .order_by(CHECKPOINT.number)
    .limit(bindparam("limit"))
)
SIZES = prepare(
    select(CHECKPOINT.size).where(
        CHECKPOINT.tenant_id == bindparam("tenant_id"),
        CHECKPOINT.size == any_(bindparam("sizes", type_=ARRAY(BigInteger))),
    )
)


class SqlAuditInventory:
    """Implements `AuditInventory`; each call is a transaction of its own, so a long verification holds none open."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def tenants(self) -> set[str]:
        async with self._database.maintenance() as tx:
            rows = [*await tx.fetch_all(RECORD_TENANTS), *await tx.fetch_all(CHECKPOINT_TENANTS)]
        return {row["id"] for row in rows}

    async def unsealed_tenants(self) -> list[str]:
        async with self._database.maintenance() as tx:
            ids = [row["id"] for row in await tx.fetch_all(RECORD_TENANTS)]
            return [row["id"] for row in await tx.fetch_all(UNSEALED, ids=ids)]

    async def records(self, tenant_id: str, after: int | None, limit: int) -> list[LinkedRecord]:
        behind = LOWEST if after is None else after
        async with self._database.maintenance() as tx:
            rows = await tx.fetch_all(RECORDS, tenant_id=tenant_id, after=behind, limit=limit)
        return [linked_record_of(row) for row in rows]

    async def checkpoints(self, tenant_id: str, after: int | None, limit: int) -> list[SignedCheckpoint]:
        behind = LOWEST if after is None else after
        async with self._database.maintenance() as tx:
            rows = await tx.fetch_all(CHECKPOINTS, tenant_id=tenant_id, after=behind, limit=limit)
        return [checkpoint_of(row) for row in rows]

    async def checkpoint_sizes(self, tenant_id: str, sizes: Collection[int]) -> set[int]:
        async with self._database.maintenance() as tx:
            rows = await tx.fetch_all(SIZES, tenant_id=tenant_id, sizes=list(sizes))
        return {row["size"] for row in rows}
