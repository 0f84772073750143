"""Events say in which trace they came about."""

from aktenfluss.servicekit.migrations import trace_columns

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    trace_columns("outbox", "parked_event")
