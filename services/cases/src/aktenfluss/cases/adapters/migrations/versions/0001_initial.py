"""Case files and the entries in them."""

import sqlalchemy as sa
from alembic import op

from aktenfluss.servicekit.migrations import technical_tables, tenant_table

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

ORDERED_TEXT = sa.Text(collation="C")
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    technical_tables()
    create_case_file()
    create_file_entry()


def create_case_file() -> None:
    op.create_table(
        "case_file",
        sa.Column("tenant_id", sa.Text, nullable=False),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("keeping_authority", sa.Text, nullable=False),
        sa.Column("file_number", ORDERED_TEXT, nullable=False),
        sa.Column("family_name", sa.Text, nullable=False),
        sa.Column("given_names", sa.Text, nullable=False),
        sa.Column("birth_date", sa.Date),
        sa.Column("medium", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("opened_at", INSTANT, nullable=False),
        sa.Column("electronic_at", INSTANT),
        sa.Column("entry_count", sa.Integer, nullable=False),
        sa.Column("page_count", sa.Integer, nullable=False),
        sa.Column("family_first", ORDERED_TEXT, nullable=False),
        sa.Column("given_first", ORDERED_TEXT, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_case_file"),
        sa.UniqueConstraint(
            "tenant_id", "keeping_authority", "file_number", name="uq_case_file_tenant_id_keeping_authority_file_number"
        ),
        sa.CheckConstraint("medium IN ('paper', 'hybrid', 'electronic')", name="ck_case_file_medium"),
    )
    for columns in (
        ("tenant_id", "file_number", "id"),
        ("tenant_id", "medium", "file_number", "id"),
        ("tenant_id", "family_first"),
        ("tenant_id", "given_first"),
    ):
        op.create_index(f"ix_case_file_{'_'.join(columns)}", "case_file", columns)
    tenant_table("case_file", verbs="SELECT, INSERT, UPDATE")


def create_file_entry() -> None:
    op.create_table(
        "file_entry",
        sa.Column("tenant_id", sa.Text, nullable=False),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("case_file_id", sa.Uuid, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("first_page", sa.Integer, nullable=False),
        sa.Column("page_count", sa.Integer, nullable=False),
        sa.Column("document_id", sa.Uuid, nullable=False),
        sa.Column("order_item_id", sa.Text, nullable=False),
        sa.Column("content", sa.Text, nullable=False),
        sa.Column("size_bytes", sa.BigInteger, nullable=False),
        sa.Column("media_type", sa.Text, nullable=False),
        sa.Column("filed_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_file_entry"),
        sa.ForeignKeyConstraint(
            ["tenant_id", "case_file_id"],
            ["case_file.tenant_id", "case_file.id"],
            name="fk_file_entry_tenant_id_case_file_id",
        ),
        sa.UniqueConstraint(
            "tenant_id", "case_file_id", "position", name="uq_file_entry_tenant_id_case_file_id_position"
        ),
        sa.UniqueConstraint(
            "tenant_id", "case_file_id", "first_page", name="uq_file_entry_tenant_id_case_file_id_first_page"
        ),
        sa.UniqueConstraint("tenant_id", "document_id", name="uq_file_entry_tenant_id_document_id"),
    )
    op.create_index("ix_file_entry_tenant_id_order_item_id", "file_entry", ["tenant_id", "order_item_id"])
    tenant_table("file_entry", verbs="SELECT, INSERT")
