"""Reads for people, past the aggregates."""

from functools import cache
from uuid import UUID

from sqlalchemy import bindparam, func, select

from aktenfluss.kernel import Digest, Principal
from aktenfluss.servicekit import Database, SqlTransaction, Statement, prepare

from ..domain.errors import ScanOrderNotFoundError
from ..domain.order_item import ItemState
from ..domain.reconciliation import Reconciliation
from ..domain.views import DeliveryView, ItemView, OrderView, ReconciliationView
from .delivery_repository import SqlDeliveries
from .order_repository import SqlScanOrders
from .rows import ORDER_ITEM, SCAN_ORDER, item_view_of, order_view_of
from .tables import order_item, scan_order

ORDER = prepare(select(*SCAN_ORDER).where(scan_order.c.id == bindparam("id")))
COUNTS = prepare(
    select(order_item.c.state, func.count())
    .where(order_item.c.scan_order_id == bindparam("scan_order_id"))
    .group_by(order_item.c.state)
)
REJECTED = prepare(
    select(*ORDER_ITEM)
    .where(order_item.c.scan_order_id == bindparam("scan_order_id"), order_item.c.state == ItemState.REJECTED.value)
    .order_by(order_item.c.id)
)


@cache
def orders_statement(*, continued: bool) -> Statement:
    """Return the list of orders, the latest first: their ids grow with time."""
    orders = select(*SCAN_ORDER).order_by(scan_order.c.id.desc()).limit(bindparam("count"))
    return prepare(orders.where(scan_order.c.id < bindparam("before")) if continued else orders)


@cache
def items_statement(*, by_state: bool) -> Statement:
    """Return the list of an order's items."""
    items = (
        select(*ORDER_ITEM)
        .where(order_item.c.scan_order_id == bindparam("scan_order_id"), order_item.c.id > bindparam("after"))
        .order_by(order_item.c.id)
        .limit(bindparam("count"))
    )
    return prepare(items.where(order_item.c.state == bindparam("state")) if by_state else items)


class SqlScanQueries:
    """Implements `ScanQueries`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def orders(self, principal: Principal, *, before: UUID | None, limit: int) -> list[OrderView]:
        filters = {} if before is None else {"before": before}
        async with self._database.reading(principal) as tx:
            rows = await tx.fetch_all(orders_statement(continued=bool(filters)), count=limit, **filters)
        return [order_view_of(row) for row in rows]

    async def order(self, principal: Principal, order_id: UUID) -> OrderView:
        async with self._database.reading(principal) as tx:
            row = await tx.fetch_one(ORDER, id=order_id)
        if row is None:
            raise ScanOrderNotFoundError(f"there is no scan order {order_id}")
        return order_view_of(row)

    async def items(
        self, principal: Principal, order_id: UUID, *, state: ItemState | None, after: str, limit: int
    ) -> list[ItemView]:
        filters = {} if state is None else {"state": state}
        async with self._database.reading(principal) as tx:
            await require_order(tx, order_id)
            rows = await tx.fetch_all(
                items_statement(by_state=bool(filters)), scan_order_id=order_id, after=after, count=limit, **filters
            )
        return [item_view_of(row) for row in rows]

    async def reconciliation(self, principal: Principal, order_id: UUID) -> ReconciliationView:
        async with self._database.reading(principal) as tx:
            await require_order(tx, order_id)
            counts = await tx.fetch_all(COUNTS, scan_order_id=order_id)
            rejected = await tx.fetch_all(REJECTED, scan_order_id=order_id)
        balance = Reconciliation.of({ItemState(state): count for state, count in counts})
        return ReconciliationView(balance, [item_view_of(row) for row in rejected])

    async def delivery(self, principal: Principal, delivery_id: Digest) -> DeliveryView:
        async with self._database.reading(principal) as tx:
            deliveries = SqlDeliveries(tx)
            return DeliveryView(await deliveries.read(delivery_id), await deliveries.items(delivery_id))


async def require_order(tx: SqlTransaction, order_id: UUID) -> None:
    if not await SqlScanOrders(tx).exists(order_id):
        raise ScanOrderNotFoundError(f"there is no scan order {order_id}")
