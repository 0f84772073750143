"""The event log, its heads and the consumers' offsets."""

from aktenfluss.servicekit.migrations import bus_tables

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    bus_tables()
