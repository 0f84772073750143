"""A service with one table of things."""

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
        "thing",
        sa.Column("tenant_id", sa.Text, primary_key=True),
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("number", sa.Integer, nullable=False),
    )
    tenant_table("thing", maintenance=True)
