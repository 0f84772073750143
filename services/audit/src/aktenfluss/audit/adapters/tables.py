"""The tables of the audit log: rows are added, never changed; the app's role may do nothing else."""

from sqlalchemy import BigInteger, Column, DateTime, LargeBinary, MetaData, Table, Text, UniqueConstraint, Uuid

from aktenfluss.servicekit import NAMING

metadata = MetaData(naming_convention=NAMING)

audit_record = Table(
    "audit_record",
    metadata,
    Column("tenant_id", Text, primary_key=True),
    Column("position", BigInteger, primary_key=True),
    Column("chain_key", Text, nullable=False),
    Column("chain_seq", BigInteger, nullable=False),
    Column("event_id", Uuid, nullable=False),
    Column("type", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("occurred_at", DateTime(timezone=True), nullable=False),
    Column("correlation_id", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("aggregate_version", BigInteger, nullable=False),
    # Text and not jsonb: the hash is over these characters, jsonb would write them anew.
    Column("payload", Text, nullable=False),
    Column("previous_hash", LargeBinary, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    UniqueConstraint("tenant_id", "chain_key", "chain_seq"),
    UniqueConstraint("tenant_id", "event_id"),
)

audit_checkpoint = Table(
    "audit_checkpoint",
    metadata,
    Column("tenant_id", Text, primary_key=True),
    Column("number", BigInteger, primary_key=True),
    Column("size", BigInteger, nullable=False),
    Column("root", LargeBinary, nullable=False),
    # The hashes of the frontier, one behind the other, 32 bytes each.
    Column("frontier", LargeBinary, nullable=False),
    Column("sealed_at", DateTime(timezone=True), nullable=False),
    Column("previous_hash", LargeBinary, nullable=False),
    Column("signature", Text, nullable=False),
    UniqueConstraint("tenant_id", "size"),
)
