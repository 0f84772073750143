"""What `scans` publishes."""

from typing import ClassVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from aktenfluss.kernel import Digest, EventData


class ScanOrderOpened(EventData):
    """Case files are to be scanned."""

    type: ClassVar[str] = "de.aktenfluss.scans.scan-order-opened.v1"
    scan_order_id: UUID
    item_count: int


class LeadSheetsPrinted(EventData):
    """Somebody fetched the lead sheets of an order."""

    type: ClassVar[str] = "de.aktenfluss.scans.lead-sheets-printed.v1"
    scan_order_id: UUID
    item_count: int


class OrderItemsListed(EventData):
    """Somebody listed items of an order, with the file numbers of their case files."""

    type: ClassVar[str] = "de.aktenfluss.scans.order-items-listed.v1"
    scan_order_id: UUID
    result_count: int


class DeliveryAnnounced(EventData):
    """A contractor sent the manifest of a delivery, named by the digest of its tag manifest."""

    type: ClassVar[str] = "de.aktenfluss.scans.delivery-announced.v1"
    delivery: Digest
    content_count: int


class DeliveryReceived(EventData):
    """A contractor declared a delivery complete; its check begins."""

    type: ClassVar[str] = "de.aktenfluss.scans.delivery-received.v1"
    delivery: Digest


class DeliveryChecked(EventData):
    """The check of a delivery ended."""

    type: ClassVar[str] = "de.aktenfluss.scans.delivery-checked.v1"
    delivery: Digest
    accepted_count: int
    rejected_count: int
    finding_count: int


class DeliveryItemDecided(EventData):
    """The check decided about an item of a delivery, and left the order item as it is, if there is one.

    `rules` are those that it broke; none where these very documents were accepted before.
    """

    type: ClassVar[str] = "de.aktenfluss.scans.delivery-item-decided.v1"
    delivery: Digest
    order_item_id: str
    rules: list[str]


class AcceptedDocument(BaseModel):
    """A document of an accepted item, in the order of the paper."""

    model_config = ConfigDict(frozen=True)

    document_id: UUID
    content: Digest
    size_bytes: int
    media_type: str
    page_count: int


class ItemAccepted(EventData):
    """All documents of an order item are stored and may be filed."""

    type: ClassVar[str] = "de.aktenfluss.scans.item-accepted.v1"
    scan_order_id: UUID
    order_item_id: str
    case_file_id: UUID
    delivery: Digest
    documents: list[AcceptedDocument]


class ItemRejected(EventData):
    """An order item was delivered but broke rules; a corrected delivery is awaited."""

    type: ClassVar[str] = "de.aktenfluss.scans.item-rejected.v1"
    scan_order_id: UUID
    order_item_id: str
    case_file_id: UUID
    delivery: Digest
    rules: list[str]


class ItemFiled(EventData):
    """The documents of an order item are in their case file."""

    type: ClassVar[str] = "de.aktenfluss.scans.item-filed.v1"
    scan_order_id: UUID
    order_item_id: str
    case_file_id: UUID


class OrderReconciled(EventData):
    """Every item of an order is filed."""

    type: ClassVar[str] = "de.aktenfluss.scans.order-reconciled.v1"
    scan_order_id: UUID
    filed_count: int
