"""Contents, uploads, documents, renditions and scrub findings."""

import sqlalchemy as sa
from alembic import op

from aktenfluss.servicekit.migrations import technical_tables, tenant_table

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    technical_tables()
    contents()
    uploads()
    documents()
    renditions()
    scrub_findings()


def contents() -> None:
    op.create_table(
        "content",
        sa.Column("tenant_id", sa.Text),
        sa.Column("digest", sa.Text),
        sa.Column("size_bytes", sa.BigInteger, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("block_digests", sa.LargeBinary, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("stored_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "digest", name="pk_content"),
        sa.CheckConstraint("size_bytes >= 0", name="ck_content_size"),
        sa.CheckConstraint("state IN ('ok', 'missing', 'changed')", name="ck_content_state"),
    )
    tenant_table("content", verbs="SELECT, INSERT, UPDATE", maintenance=True)


def uploads() -> None:
    op.create_table(
        "upload",
        sa.Column("tenant_id", sa.Text),
        sa.Column("digest", sa.Text),
        sa.Column("total_bytes", sa.BigInteger, nullable=False),
        sa.Column("received_bytes", sa.BigInteger, nullable=False),
        sa.Column("parts", sa.ARRAY(sa.Text), nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "digest", name="pk_upload"),
        sa.CheckConstraint("received_bytes BETWEEN 1 AND total_bytes - 1", name="ck_upload_received"),
    )
    op.create_index("ix_upload_updated_at", "upload", ["updated_at"])
    tenant_table("upload", maintenance=True)


def documents() -> None:
    op.create_table(
        "document",
        sa.Column("tenant_id", sa.Text),
        sa.Column("id", sa.Uuid),
        sa.Column("version", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_document"),
    )
    tenant_table("document", verbs="SELECT, INSERT, UPDATE")
    op.create_table(
        "document_version",
        sa.Column("tenant_id", sa.Text),
        sa.Column("document_id", sa.Uuid),
        sa.Column("version", sa.Integer),
        sa.Column("content", sa.Text, nullable=False),
        sa.Column("size_bytes", sa.BigInteger, nullable=False),
        sa.Column("media_type", sa.Text, nullable=False),
        sa.Column("page_count", sa.Integer, nullable=False),
        sa.Column("stored_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "document_id", "version", name="pk_document_version"),
        sa.ForeignKeyConstraint(
            ["tenant_id", "document_id"], ["document.tenant_id", "document.id"], name="fk_document_version_document_id"
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "content"], ["content.tenant_id", "content.digest"], name="fk_document_version_content"
        ),
    )
    op.create_index("ix_document_version_content", "document_version", ["tenant_id", "content"])
    tenant_table("document_version", verbs="SELECT, INSERT")


def renditions() -> None:
    op.create_table(
        "rendition",
        sa.Column("tenant_id", sa.Text),
        sa.Column("content", sa.Text),
        sa.Column("page", sa.Integer),
        sa.Column("profile", sa.Text),
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("size_bytes", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "content", "page", "profile", name="pk_rendition"),
        sa.ForeignKeyConstraint(
            ["tenant_id", "content"], ["content.tenant_id", "content.digest"], name="fk_rendition_content"
        ),
    )
    tenant_table("rendition")


def scrub_findings() -> None:
    op.create_table(
        "scrub_finding",
        sa.Column("tenant_id", sa.Text),
        sa.Column("id", sa.Uuid),
        sa.Column("content", sa.Text, nullable=False),
        sa.Column("finding", sa.Text, nullable=False),
        sa.Column("found_at", INSTANT, nullable=False),
        sa.Column("healed_at", INSTANT),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_scrub_finding"),
    )
    op.create_index(
        "ix_scrub_finding_open", "scrub_finding", ["tenant_id", "content"], postgresql_where="healed_at IS NULL"
    )
    tenant_table("scrub_finding", verbs="SELECT, INSERT, UPDATE")
