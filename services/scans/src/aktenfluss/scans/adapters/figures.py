"""Figures over all authorities, for whoever looks after the installation."""

from datetime import timedelta

from sqlalchemy import and_, bindparam, func, select

from aktenfluss.kernel import Clock
from aktenfluss.servicekit import Database, prepare

from ..domain.delivery import Outcome
from .tables import delivery, delivery_item

DAY = timedelta(days=1)
_is_rejected = delivery_item.c.outcome == Outcome.REJECTED.value
_rejected = func.count().filter(_is_rejected)
_decided = func.count().filter(_is_rejected | (delivery_item.c.outcome == Outcome.ACCEPTED.value))
REJECTED_PERCENT = prepare(
    select(func.coalesce(100.0 * _rejected / func.nullif(_decided, 0), 0.0))
    .select_from(delivery_item)
    .join(
        delivery,
        and_(delivery.c.tenant_id == delivery_item.c.tenant_id, delivery.c.id == delivery_item.c.delivery_id),
    )
    .where(delivery.c.announced_at > bindparam("since"))
)


class SqlScanFigures:
    """Reads through the maintenance policies of the tables."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def rejected_percent(self) -> float:
        """Return how many of 100 decided items were rejected, in the deliveries announced within a day."""
        async with self._database.maintenance() as tx:
            return float(await tx.fetch_value(REJECTED_PERCENT, since=self._clock.now() - DAY))
