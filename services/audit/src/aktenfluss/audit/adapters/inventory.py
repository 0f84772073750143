"""Reads over the logs of all tenants, for sealing and for verification."""

from collections.abc import Collection

from sqlalchemy import ARRAY, BigInteger, Table, any_, bindparam, case, func, select, text

from aktenfluss.servicekit import Database, Statement, prepare

from ..domain.checkpoint import SignedCheckpoint
from ..domain.evidence import LinkedRecord
from .pages import LOWEST, pages
from .rows import CHECKPOINT_COLUMNS, RECORD_COLUMNS, checkpoint_of, linked_record_of
from .tables import audit_checkpoint, audit_record

RECORD, CHECKPOINT = audit_record.c, audit_checkpoint.c
BEFORE = audit_record.alias("before")


def tenants_of(table: Table) -> Statement:
    """Return the statement that finds each tenant with one step in the index, however long his log is."""
    tenant_id = table.c.tenant_id
    tenants = select(func.min(tenant_id).label("id")).cte("tenant", recursive=True)
    following = select(func.min(tenant_id)).where(tenant_id > tenants.c.id).scalar_subquery()
    tenants = tenants.union_all(select(following).where(tenants.c.id.is_not(None)))
    return prepare(select(tenants.c.id).where(tenants.c.id.is_not(None)))


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
PAGE = (
    select(*RECORD_COLUMNS, case((RECORD.chain_seq > 1, RECORD.chain_seq - 1), else_=None).label("seq_before"))
    .where(RECORD.tenant_id == bindparam("tenant_id"), RECORD.position.between(bindparam("first"), bindparam("last")))
    # Materialized: behind the policies of row-level security only plain columns are looked up in the index, and a
    # subtraction would read the whole chain for each of its records.
    .cte("page")
    .prefix_with("MATERIALIZED", dialect="postgresql")
)
RECORDS = pages(
    select(PAGE, BEFORE.c.position.label("predecessor_position"), BEFORE.c.hash.label("predecessor_hash"))
    .select_from(
        PAGE.outerjoin(
            BEFORE,
            (BEFORE.c.tenant_id == PAGE.c.tenant_id)
            & (BEFORE.c.chain_key == PAGE.c.chain_key)
            & (BEFORE.c.chain_seq == PAGE.c.seq_before),
        )
    )
    .order_by(PAGE.c.position),
    RECORD.tenant_id,
    RECORD.position,
)
CHECKPOINTS = pages(
    select(*CHECKPOINT_COLUMNS)
    .where(
        CHECKPOINT.tenant_id == bindparam("tenant_id"), CHECKPOINT.number.between(bindparam("first"), bindparam("last"))
    )
    .order_by(CHECKPOINT.number),
    CHECKPOINT.tenant_id,
    CHECKPOINT.number,
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
        async with self._database.maintenance() as tx:
            rows = await RECORDS.read(tx, tenant_id, behind(after), limit)
        return [linked_record_of(row) for row in rows]

    async def checkpoints(self, tenant_id: str, after: int | None, limit: int) -> list[SignedCheckpoint]:
        async with self._database.maintenance() as tx:
            rows = await CHECKPOINTS.read(tx, tenant_id, behind(after), limit)
        return [checkpoint_of(row) for row in rows]

    async def checkpoint_sizes(self, tenant_id: str, sizes: Collection[int]) -> set[int]:
        async with self._database.maintenance() as tx:
            rows = await tx.fetch_all(SIZES, tenant_id=tenant_id, sizes=list(sizes))
        return {row["size"] for row in rows}


def behind(number: int | None) -> int:
    """Return the first number behind `number`, or the lowest there is: somebody may have put a row before the first."""
    return LOWEST if number is None else number + 1
