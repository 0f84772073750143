"""Transactions of `scans` on its database."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aktenfluss.kernel import Digest, EventData, Principal
from aktenfluss.servicekit import Database, SqlTransaction

from ..domain.delivery import CHECK_JOB, CHECK_QUEUE
from .delivery_repository import SqlDeliveries
from .order_repository import SqlOrderItems, SqlScanOrders


class SqlScansTransaction:
    """One transaction with its repositories; implements `ScansTransaction`."""

    def __init__(self, tx: SqlTransaction) -> None:
        self._tx = tx
        self.scan_orders = SqlScanOrders(tx)
        self.order_items = SqlOrderItems(tx)
        self.deliveries = SqlDeliveries(tx)

    @property
    def principal(self) -> Principal:
        return self._tx.principal

    def publish(self, data: EventData, *, key: object, subject: object, version: int) -> None:
        self._tx.publish(data, key=key, subject=subject, version=version)

    async def defer_check(self, delivery_id: Digest) -> None:
        tenant_id = self._tx.principal.tenant_id
        arguments = {
            "tenant_id": tenant_id,
            "delivery": delivery_id,
            "correlation_id": self._tx.principal.correlation_id,
        }
        await self._tx.defer(CHECK_JOB, arguments, queue=CHECK_QUEUE, lock=f"{tenant_id}/{delivery_id}")


class SqlScansUnitOfWork:
    """Opens transactions; implements `ScansUnitOfWork`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @asynccontextmanager
    async def begin(self, principal: Principal) -> AsyncIterator[SqlScansTransaction]:
        async with self._database.transaction(principal) as tx:
            yield SqlScansTransaction(tx)
