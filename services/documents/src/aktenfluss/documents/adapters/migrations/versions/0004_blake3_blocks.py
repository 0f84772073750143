"""Blocks of large contents are verified with BLAKE3.

What was stored before has none, and is read as a small content is: hashed as a whole. The digests that were kept until
now stay for the release before, which finds none in new rows and does the same.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("content", sa.Column("blake3_blocks", sa.LargeBinary, nullable=False, server_default=""))
    op.alter_column("content", "block_digests", server_default="")
