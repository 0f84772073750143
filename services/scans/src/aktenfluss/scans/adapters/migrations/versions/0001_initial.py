"""Scan orders, their items, deliveries and the items in them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from aktenfluss.servicekit.migrations import technical_tables, tenant_table

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
VERBS = "SELECT, INSERT, UPDATE"


def upgrade() -> None:
    technical_tables()
    # Numbers are never given twice, in no authority: a lead sheet is unmistakable wherever it turns up.
    op.execute("CREATE SEQUENCE order_item_number MAXVALUE 99999999")
    op.execute("CREATE SEQUENCE scan_order_number")
    create_scan_order()
    create_order_item()
    create_delivery()
    create_delivery_item()


def create_scan_order() -> None:
    op.create_table(
        "scan_order",
        sa.Column("tenant_id", sa.Text, nullable=False),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("number", sa.BigInteger, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("item_count", sa.Integer, nullable=False),
        sa.Column("filed_count", sa.Integer, nullable=False),
        sa.Column("opened_at", INSTANT, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_scan_order"),
        sa.UniqueConstraint("tenant_id", "number", name="uq_scan_order_tenant_id_number"),
        sa.CheckConstraint("filed_count BETWEEN 0 AND item_count", name="ck_scan_order_filed_count"),
    )
    tenant_table("scan_order", verbs=VERBS)


def create_order_item() -> None:
    op.create_table(
        "order_item",
        sa.Column("tenant_id", sa.Text, nullable=False),
        sa.Column("id", sa.Text(collation="C"), nullable=False),
        sa.Column("scan_order_id", sa.Uuid, nullable=False),
        sa.Column("case_file_id", sa.Uuid, nullable=False),
        sa.Column("file_number", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("delivery_id", sa.Text),
        sa.Column("fingerprint", sa.Text),
        sa.Column("rules", JSONB, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_order_item"),
        sa.ForeignKeyConstraint(
            ["tenant_id", "scan_order_id"],
            ["scan_order.tenant_id", "scan_order.id"],
            name="fk_order_item_tenant_id_scan_order_id",
        ),
        sa.CheckConstraint("state IN ('listed', 'rejected', 'accepted', 'filed')", name="ck_order_item_state"),
    )
    op.create_index("ix_order_item_tenant_id_scan_order_id_id", "order_item", ["tenant_id", "scan_order_id", "id"])
    op.create_index(
        # A case file is on one order at a time; a later rescan of a filed one is a new order.
        "uq_order_item_tenant_id_case_file_id",
        "order_item",
        ["tenant_id", "case_file_id"],
        unique=True,
        postgresql_where=sa.text("state <> 'filed'"),
    )
    tenant_table("order_item", verbs=VERBS)


def create_delivery() -> None:
    op.create_table(
        "delivery",
        sa.Column("tenant_id", sa.Text, nullable=False),
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("scan_order_id", sa.Uuid, nullable=False),
        sa.Column("box", sa.Text, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("supersedes", sa.Text),
        sa.Column("superseded_by", sa.Text),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("announced_at", INSTANT, nullable=False),
        sa.Column("tag_files", JSONB, nullable=False),
        sa.Column("index_text", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_delivery"),
        sa.ForeignKeyConstraint(
            ["tenant_id", "scan_order_id"],
            ["scan_order.tenant_id", "scan_order.id"],
            name="fk_delivery_tenant_id_scan_order_id",
        ),
        sa.CheckConstraint("state IN ('uploading', 'received', 'checked')", name="ck_delivery_state"),
    )
    tenant_table("delivery", verbs=VERBS)


def create_delivery_item() -> None:
    op.create_table(
        "delivery_item",
        sa.Column("tenant_id", sa.Text, nullable=False),
        sa.Column("delivery_id", sa.Text, nullable=False),
        # What the contractor wrote; it need not be an item of any order.
        sa.Column("item_id", sa.Text(collation="C"), nullable=False),
        sa.Column("document_count", sa.Integer, nullable=False),
        sa.Column("page_count", sa.Integer, nullable=False),
        sa.Column("outcome", sa.Text, nullable=False),
        sa.Column("findings", JSONB, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "delivery_id", "item_id", name="pk_delivery_item"),
        sa.ForeignKeyConstraint(
            ["tenant_id", "delivery_id"],
            ["delivery.tenant_id", "delivery.id"],
            name="fk_delivery_item_tenant_id_delivery_id",
        ),
        sa.CheckConstraint(
            "outcome IN ('pending', 'accepted', 'unchanged', 'rejected')", name="ck_delivery_item_outcome"
        ),
    )
    tenant_table("delivery_item", verbs=VERBS)
