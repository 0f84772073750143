"""Create the audit log."""

import sqlalchemy as sa
from alembic import op

from aktenfluss.servicekit.migrations import technical_tables, tenant_table

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    technical_tables()
    op.create_table(
        "audit_record",
        sa.Column("tenant_id", sa.Text, nullable=False),
        sa.Column("position", sa.BigInteger, nullable=False),
        sa.Column("chain_key", sa.Text, nullable=False),
        sa.Column("chain_seq", sa.BigInteger, nullable=False),
        sa.Column("event_id", sa.Uuid, nullable=False),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("correlation_id", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("aggregate_version", sa.BigInteger, nullable=False),
        sa.Column("payload", sa.Text, nullable=False),
        sa.Column("previous_hash", sa.LargeBinary, nullable=False),
        sa.Column("hash", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "position", name="pk_audit_record"),
        sa.UniqueConstraint(
            "tenant_id", "chain_key", "chain_seq", name="uq_audit_record_tenant_id_chain_key_chain_seq"
        ),
        sa.UniqueConstraint("tenant_id", "event_id", name="uq_audit_record_tenant_id_event_id"),
    )
    op.create_table(
        "audit_checkpoint",
        sa.Column("tenant_id", sa.Text, nullable=False),
        sa.Column("number", sa.BigInteger, nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("root", sa.LargeBinary, nullable=False),
        sa.Column("frontier", sa.LargeBinary, nullable=False),
        sa.Column("sealed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("previous_hash", sa.LargeBinary, nullable=False),
        sa.Column("signature", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "number", name="pk_audit_checkpoint"),
        sa.UniqueConstraint("tenant_id", "size", name="uq_audit_checkpoint_tenant_id_size"),
    )
    for table in ("audit_record", "audit_checkpoint"):
        tenant_table(table, verbs="SELECT, INSERT", maintenance=True)
