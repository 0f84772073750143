"""Rows of the log become records and checkpoints, whatever somebody wrote into them."""

from typing import Any

import asyncpg
from sqlalchemy import BigInteger, ColumnElement, Table, case, cast, extract, func, literal_column

from ..domain.checkpoint import Checkpoint, SignedCheckpoint
from ..domain.evidence import LinkedRecord
from ..domain.merkle import HASH_BYTES
from ..domain.record import AuditRecord, instant
from .tables import audit_checkpoint, audit_record

TOO_LATE: ColumnElement[Any] = literal_column("timestamptz '294247-01-01 00:00:00Z'")
"""PostgreSQL knows thirty more years, whose microseconds since 1970 no bigint can hold."""


def exact(column: ColumnElement[Any], label: str) -> ColumnElement[int]:
    """Return the column's microseconds since 1970, null for infinity and what is too late: no datetime can hold it."""
    microseconds = cast(extract("epoch", column) * 1_000_000, BigInteger)
    return case((func.isfinite(column) & (column < TOO_LATE), microseconds), else_=None).label(label)


def columns_of(table: Table, instant_column: str, label: str) -> tuple[ColumnElement[Any], ...]:
    """Return the columns to read: the instant exactly, and not as what the driver would make of it."""
    plain = [column for column in table.c if column.name != instant_column]
    return (*plain, exact(table.c[instant_column], label))


RECORD_COLUMNS = columns_of(audit_record, "occurred_at", "occurred_us")
CHECKPOINT_COLUMNS = columns_of(audit_checkpoint, "sealed_at", "sealed_us")


def record_of(row: asyncpg.Record) -> AuditRecord:
    return AuditRecord(
        tenant_id=row["tenant_id"],
        position=row["position"],
        chain_key=row["chain_key"],
        chain_seq=row["chain_seq"],
        event_id=row["event_id"],
        type=row["type"],
        actor=row["actor"],
        occurred_us=row["occurred_us"],
        correlation_id=row["correlation_id"],
        subject=row["subject"],
        aggregate_version=row["aggregate_version"],
        payload=row["payload"],
        previous_hash=row["previous_hash"],
        hash=row["hash"],
    )


def linked_record_of(row: asyncpg.Record) -> LinkedRecord:
    return LinkedRecord(record_of(row), row["predecessor_position"], row["predecessor_hash"])


def checkpoint_of(row: asyncpg.Record) -> SignedCheckpoint:
    frontier = row["frontier"]
    checkpoint = Checkpoint(
        tenant_id=row["tenant_id"],
        number=row["number"],
        size=row["size"],
        root=row["root"],
        frontier=tuple(frontier[start : start + HASH_BYTES] for start in range(0, len(frontier), HASH_BYTES)),
        sealed_us=row["sealed_us"],
        previous_hash=row["previous_hash"],
    )
    return SignedCheckpoint(checkpoint, row["signature"])


def record_values(record: AuditRecord) -> dict[str, Any]:
    """Return the columns of a record that is new, so that its instant is one."""
    assert record.occurred_us is not None
    return {
        "tenant_id": record.tenant_id,
        "position": record.position,
        "chain_key": record.chain_key,
        "chain_seq": record.chain_seq,
        "event_id": record.event_id,
        "type": record.type,
        "actor": record.actor,
        "occurred_at": instant(record.occurred_us),
        "correlation_id": record.correlation_id,
        "subject": record.subject,
        "aggregate_version": record.aggregate_version,
        "payload": record.payload,
        "previous_hash": record.previous_hash,
        "hash": record.hash,
    }


def checkpoint_values(signed: SignedCheckpoint) -> dict[str, Any]:
    checkpoint = signed.checkpoint
    assert checkpoint.sealed_us is not None
    return {
        "tenant_id": checkpoint.tenant_id,
        "number": checkpoint.number,
        "size": checkpoint.size,
        "root": checkpoint.root,
        "frontier": b"".join(checkpoint.frontier),
        "sealed_at": instant(checkpoint.sealed_us),
        "previous_hash": checkpoint.previous_hash,
        "signature": signed.signature,
    }
