"""Scan orders and their items inside a transaction, as `domain.ports` asks for them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from typing import Any
from uuid import UUID

from sqlalchemy import Integer, Text, Uuid, bindparam, exists, func, literal, select, update
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, insert

from aktenfluss.delivery import order_item_id
from aktenfluss.servicekit import SqlTransaction, prepare

from ..domain.errors import CaseFilesAlreadyOrderedError, OrderItemNotFoundError, ScanOrderNotFoundError
from ..domain.order_item import ItemState, OrderItem
from ..domain.ports import OrderedCaseFile
from ..domain.scan_order import ScanOrder
from .rows import ORDER_ITEM, SCAN_ORDER, order_item_of, scan_order_of
from .tables import order_item, order_item_number, scan_order, scan_order_number

NEXT_ORDER_NUMBER = prepare(select(scan_order_number.next_value()))
ADD_ORDER = prepare(insert(scan_order))
ORDER_EXISTS = prepare(select(exists().where(scan_order.c.id == bindparam("id"))))
LOCK_ORDER = prepare(select(*SCAN_ORDER).where(scan_order.c.id == bindparam("id")).with_for_update(key_share=True))
SAVE_ORDER = prepare(
    update(scan_order)
    .where(scan_order.c.id == bindparam("id"))
    .values(filed_count=bindparam("filed_count"), version=bindparam("version"))
)

NEXT_ITEM_NUMBERS = prepare(
    select(order_item_number.next_value()).select_from(
        func.generate_series(1, bindparam("count", type_=Integer)).table_valued("number")
    )
)
_new = (
    func.unnest(
        bindparam("ids", type_=ARRAY(Text)),
        bindparam("case_file_ids", type_=ARRAY(Uuid)),
        bindparam("file_numbers", type_=ARRAY(Text)),
    )
    .table_valued("id", "case_file_id", "file_number")
    .render_derived(name="new")
)
ADD_ITEMS = prepare(
    insert(order_item)
    .from_select(
        ["tenant_id", "scan_order_id", "state", "rules", "version", "id", "case_file_id", "file_number"],
        select(
            bindparam("tenant_id", type_=Text),
            bindparam("scan_order_id", type_=Uuid),
            literal(ItemState.LISTED.value, Text),
            literal([], JSONB),
            literal(1, Integer),
            _new.c.id,
            _new.c.case_file_id,
            _new.c.file_number,
        ),
    )
    # The unique index decides, not a look before: two orders at once cannot both have a case file.
    .on_conflict_do_nothing()
    .returning(order_item.c.file_number)
)
ITEMS_ON_ORDER = prepare(
    select(*ORDER_ITEM).where(
        order_item.c.scan_order_id == bindparam("scan_order_id"),
        order_item.c.id == func.any(bindparam("ids", type_=ARRAY(Text))),
    )
)
LOCK_ITEM = prepare(select(*ORDER_ITEM).where(order_item.c.id == bindparam("id")).with_for_update(key_share=True))
SAVE_ITEM = prepare(
    update(order_item)
    .where(order_item.c.id == bindparam("id"))
    .values({name: bindparam(name) for name in ("state", "delivery_id", "fingerprint", "rules", "version")})
)


class SqlScanOrders:
    """Scan orders of one transaction; implements `ScanOrders`."""

    def __init__(self, tx: SqlTransaction) -> None:
        self._tx = tx

    async def add(self, order: ScanOrder) -> None:
        order.number = await self._tx.fetch_value(NEXT_ORDER_NUMBER)
        await self._tx.execute(ADD_ORDER, tenant_id=self._tx.principal.tenant_id, **asdict(order))

    async def exists(self, order_id: UUID) -> bool:
        return bool(await self._tx.fetch_value(ORDER_EXISTS, id=order_id))

    async def lock(self, order_id: UUID) -> ScanOrder:
        row = await self._tx.fetch_one(LOCK_ORDER, id=order_id)
        if row is None:
            raise ScanOrderNotFoundError(f"there is no scan order {order_id}")
        return scan_order_of(row)

    async def save(self, order: ScanOrder) -> None:
        await self._tx.execute(SAVE_ORDER, id=order.id, filed_count=order.filed_count, version=order.version)


class SqlOrderItems:
    """Order items of one transaction; implements `OrderItems`."""

    def __init__(self, tx: SqlTransaction) -> None:
        self._tx = tx

    async def add(self, order_id: UUID, case_files: Sequence[OrderedCaseFile]) -> None:
        numbers = await self._tx.fetch_all(NEXT_ITEM_NUMBERS, count=len(case_files))
        added = await self._tx.fetch_all(
            ADD_ITEMS,
            tenant_id=self._tx.principal.tenant_id,
            scan_order_id=order_id,
            ids=[order_item_id(row[0]) for row in numbers],
            case_file_ids=[case_file.case_file_id for case_file in case_files],
            file_numbers=[case_file.file_number for case_file in case_files],
        )
        left_out = {case_file.file_number for case_file in case_files} - {row["file_number"] for row in added}
        if left_out:
            raise CaseFilesAlreadyOrderedError(
                f"{len(left_out)} case files are on a scan order already", file_numbers=sorted(left_out)
            )

    async def on_order(self, order_id: UUID, item_ids: Collection[str]) -> Mapping[str, OrderItem]:
        rows = await self._tx.fetch_all(ITEMS_ON_ORDER, scan_order_id=order_id, ids=list(item_ids))
        return {row["id"]: order_item_of(row) for row in rows}

    async def lock(self, item_id: str) -> OrderItem:
        row = await self._tx.fetch_one(LOCK_ITEM, id=item_id)
        if row is None:
            raise OrderItemNotFoundError(f"there is no order item {item_id}", item=item_id)
        return order_item_of(row)

    async def save(self, item: OrderItem) -> None:
        changed: dict[str, Any] = {"state": item.state, "delivery_id": item.delivery, "fingerprint": item.fingerprint}
        await self._tx.execute(SAVE_ITEM, id=item.id, rules=item.rules, version=item.version, **changed)
