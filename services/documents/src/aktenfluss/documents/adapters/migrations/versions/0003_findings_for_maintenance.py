"""Scrub findings are counted over all authorities."""

from aktenfluss.servicekit.migrations import show_to_maintenance

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    show_to_maintenance("scrub_finding")
