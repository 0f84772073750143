"""What readers see of orders, items and deliveries."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from aktenfluss.delivery import Finding
from aktenfluss.kernel import Digest

from .delivery import Delivery, DeliveryItem, findings_of
from .order_item import ItemState
from .reconciliation import Reconciliation


@dataclass(frozen=True, slots=True)
class OrderView:
    """A scan order in a list."""

    id: UUID
    number: int
    name: str
    item_count: int
    filed_count: int
    opened_at: datetime
    version: int


@dataclass(frozen=True, slots=True)
class ItemView:
    """An order item; `file_number` is personal data and goes into bodies of answers only."""

    id: str
    case_file_id: UUID
    file_number: str
    state: ItemState
    rules: list[str]
    delivery: Digest | None


@dataclass(frozen=True, slots=True)
class ReconciliationView:
    """The balance of an order, and the items that a corrected delivery is awaited for."""

    balance: Reconciliation
    rejected: list[ItemView]


@dataclass(frozen=True, slots=True)
class DeliveryView:
    """A delivery with what was decided about its items."""

    delivery: Delivery
    items: list[DeliveryItem]

    @property
    def findings(self) -> list[Finding]:
        return findings_of(self.items)


@dataclass(frozen=True, slots=True)
class MissingContent:
    """A content that a delivery names and that is not stored, with the first path that needs it."""

    content: Digest
    path: str
