"""Rows become objects of the domain."""

from typing import Any, Final

from asyncpg import Record

from aktenfluss.delivery import Finding

from ..domain.delivery import Delivery, DeliveryItem, DeliveryState, Outcome
from ..domain.order_item import ItemState, OrderItem
from ..domain.scan_order import ScanOrder
from ..domain.views import ItemView, OrderView
from .tables import delivery, delivery_item, order_item, scan_order

SCAN_ORDER: Final = [column for column in scan_order.c if column.name != "tenant_id"]
ORDER_ITEM: Final = [column for column in order_item.c if column.name != "tenant_id"]
DELIVERY: Final = [column for column in delivery.c if column.name not in ("tenant_id", "tag_files", "index_text")]
"""Without the manifest: a full box has megabytes of it."""
DELIVERY_ITEM: Final = [column for column in delivery_item.c if column.name not in ("tenant_id", "delivery_id")]


def scan_order_of(row: Record) -> ScanOrder:
    return ScanOrder(**row)


def order_view_of(row: Record) -> OrderView:
    return OrderView(**row)


def order_item_of(row: Record) -> OrderItem:
    return OrderItem(
        id=row["id"],
        scan_order_id=row["scan_order_id"],
        case_file_id=row["case_file_id"],
        state=ItemState(row["state"]),
        delivery=row["delivery_id"],
        fingerprint=row["fingerprint"],
        rules=row["rules"],
        version=row["version"],
    )


def item_view_of(row: Record) -> ItemView:
    return ItemView(
        id=row["id"],
        case_file_id=row["case_file_id"],
        file_number=row["file_number"],
        state=ItemState(row["state"]),
        rules=row["rules"],
        delivery=row["delivery_id"],
    )


def delivery_of(row: Record) -> Delivery:
    values: dict[str, Any] = {**row, "state": DeliveryState(row["state"])}
    return Delivery(**values)


def delivery_item_of(row: Record) -> DeliveryItem:
    findings = [Finding(**finding) for finding in row["findings"]]
    values: dict[str, Any] = {**row, "outcome": Outcome(row["outcome"]), "findings": findings}
    return DeliveryItem(**values)
