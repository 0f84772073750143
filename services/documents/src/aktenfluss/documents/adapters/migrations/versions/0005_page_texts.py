"""Texts of pages, and which documents wait for theirs: all that are there, and all to come."""

import sqlalchemy as sa
from alembic import op

from aktenfluss.servicekit.migrations import show_to_maintenance, tenant_table

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "page_text",
        sa.Column("tenant_id", sa.Text),
        sa.Column("content", sa.Text),
        sa.Column("page", sa.Integer),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("confidence", sa.Integer, nullable=False),
        sa.Column("engine", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "content", "page", name="pk_page_text"),
        sa.ForeignKeyConstraint(
            ["tenant_id", "content"], ["content.tenant_id", "content.digest"], name="fk_page_text_content"
        ),
        sa.CheckConstraint("state IN ('recognised', 'failed')", name="ck_page_text_state"),
        sa.CheckConstraint("confidence BETWEEN 0 AND 100", name="ck_page_text_confidence"),
    )
    op.create_index("ix_page_text_failed", "page_text", ["tenant_id"], postgresql_where="state = 'failed'")
    tenant_table("page_text", maintenance=True)
    op.add_column("document", sa.Column("text_version", sa.Integer, nullable=False, server_default="0"))
    op.create_index("ix_document_without_text", "document", ["id"], postgresql_where="text_version < version")
    show_to_maintenance("document")
    show_to_maintenance("document_version")
