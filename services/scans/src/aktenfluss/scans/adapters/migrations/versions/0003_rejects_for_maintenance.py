"""The share of rejected items is measured over all authorities."""

from alembic import op

from aktenfluss.servicekit.migrations import show_to_maintenance

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_delivery_announced_at", "delivery", ["announced_at"])
    show_to_maintenance("delivery")
    show_to_maintenance("delivery_item")
