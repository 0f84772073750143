"""What the use cases of scans need from outside, in the words of the field."""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from aktenfluss.contracts.scans import AcceptedDocument
from aktenfluss.kernel import Digest, EventData, Principal, Transaction, UnitOfWork

from .delivery import Delivery, DeliveryItem, Manifest
from .inspection import PdfFacts, Scan
from .lead_sheet import LeadSheet
from .order_item import ItemState, OrderItem
from .scan_order import ScanOrder
from .views import DeliveryView, ItemView, OrderView, ReconciliationView


@dataclass(frozen=True, slots=True)
class OrderedCaseFile:
    """A case file that is put on a scan order; its number is kept for the people who fetch the paper."""

    case_file_id: UUID
    file_number: str


class ScanOrders(Protocol):
    """The scan orders of one authority."""

    async def add(self, order: ScanOrder) -> None:
        """Store a new order and count its `number`."""
        ...

    async def exists(self, order_id: UUID) -> bool: ...

    async def lock(self, order_id: UUID) -> ScanOrder:
        """Return the order, kept from others until the transaction ends; raises ScanOrderNotFoundError."""
        ...

    async def save(self, order: ScanOrder) -> None: ...


class OrderItems(Protocol):
    """The items of all scan orders of one authority."""

    async def add(self, order_id: UUID, case_files: Sequence[OrderedCaseFile]) -> None:
        """Store new items, each with a fresh neutral id; raises CaseFilesAlreadyOrderedError."""
        ...

    async def on_order(self, order_id: UUID, item_ids: Collection[str]) -> Mapping[str, OrderItem]:
        """Return those of the items that are on the order."""
        ...

    async def lock(self, item_id: str) -> OrderItem:
        """Return the item, kept from others until the transaction ends; raises OrderItemNotFoundError."""
        ...

    async def save(self, item: OrderItem) -> None: ...


class Deliveries(Protocol):
    """The deliveries of one authority."""

    async def add(self, delivery: Delivery, manifest: Manifest, items: Sequence[DeliveryItem]) -> bool:
        """Store a new delivery; return False where it is stored already."""
        ...

    async def read(self, delivery_id: Digest) -> Delivery:
        """Return the delivery; raises DeliveryNotFoundError."""
        ...

    async def lock(self, delivery_id: Digest) -> Delivery:
        """Return the delivery, kept from others until the transaction ends; raises DeliveryNotFoundError."""
        ...

    async def save(self, delivery: Delivery) -> None: ...

    async def manifest(self, delivery_id: Digest) -> Manifest: ...

    async def items(self, delivery_id: Digest) -> list[DeliveryItem]: ...

    async def lock_item(self, delivery_id: Digest, item_id: str) -> DeliveryItem: ...

    async def save_item(self, delivery_id: Digest, item: DeliveryItem) -> None: ...


class ScansTransaction(Transaction, Protocol):
    """One transaction on orders, items and deliveries."""

    @property
    def scan_orders(self) -> ScanOrders: ...

    @property
    def order_items(self) -> OrderItems: ...

    @property
    def deliveries(self) -> Deliveries: ...

    async def defer_check(self, delivery_id: Digest) -> None:
        """Have the delivery checked after, and only if, the transaction commits; one check at a time."""
        ...


class ScansUnitOfWork(UnitOfWork[ScansTransaction], Protocol):
    """Opens transactions on orders, items and deliveries."""


class ScanQueries(Protocol):
    """Reads for people; everything is filtered by the principal's authority."""

    async def orders(self, principal: Principal, *, before: UUID | None, limit: int) -> list[OrderView]:
        """Return orders, the latest first."""
        ...

    async def order(self, principal: Principal, order_id: UUID) -> OrderView:
        """Return one order; raises ScanOrderNotFoundError."""
        ...

    async def items(
        self, principal: Principal, order_id: UUID, *, state: ItemState | None, after: str, limit: int
    ) -> list[ItemView]:
        """Return items in the order of their ids; raises ScanOrderNotFoundError."""
        ...

    async def reconciliation(self, principal: Principal, order_id: UUID) -> ReconciliationView:
        """Return the balance of one order; raises ScanOrderNotFoundError."""
        ...

    async def delivery(self, principal: Principal, delivery_id: Digest) -> DeliveryView:
        """Return one delivery; raises DeliveryNotFoundError."""
        ...


class CaseFiles(Protocol):
    """The case files, which another service keeps."""

    async def look_up(
        self, principal: Principal, file_numbers: Sequence[str], keeping_authority: str | None
    ) -> Mapping[str, Sequence[UUID]]:
        """Return the ids by file number, several where several authorities have it and none of them is named.

        Numbers of no case file are left out.
        """
        ...


class Documents(Protocol):
    """The contents and documents, which another service keeps."""

    async def sizes(self, principal: Principal, contents: Collection[Digest]) -> Mapping[Digest, int]:
        """Return the sizes in bytes of the contents that are stored."""
        ...

    async def store(self, principal: Principal, scans: Sequence[Scan], *, key: str) -> list[AcceptedDocument]:
        """Make a document of each scan, all or none; the same `key` makes them once."""
        ...


class Inspector(Protocol):
    """Measures stored files at a distance at which they can do no harm."""

    async def inspect(self, principal: Principal, content: Digest, *, with_codes: bool) -> PdfFacts:
        """Return what the stored content is; `with_codes` reads the codes of its first page."""
        ...


class LeadSheetPrinter(Protocol):
    """Puts lead sheets on paper."""

    def print(self, batches: AsyncIterator[Sequence[LeadSheet]]) -> AsyncIterator[bytes]:
        """Yield a PDF with one page per sheet, piece by piece."""
        ...


class ReadLog(Protocol):
    """Tells who read what."""

    async def record(
        self, principal: Principal, data: EventData, *, key: object, subject: object, version: int
    ) -> None:
        """Return when the record is durable."""
        ...
