"""What goes over the wire."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import Field, field_validator

from aktenfluss.contracts.cases import COMPOSED, KeepingAuthority
from aktenfluss.kernel import Digest
from aktenfluss.servicekit import JsonModel

from ..domain.delivery import DeliveryState, Outcome
from ..domain.order_item import ItemState
from ..domain.scan_order import ScanOrder
from ..domain.views import DeliveryView, ItemView, MissingContent, OrderView, ReconciliationView

STORABLE = r"^[^\x00]*$"
FileNumber = Annotated[str, Field(min_length=1, max_length=100, pattern=STORABLE), COMPOSED]


class ScanOrderCreate(JsonModel):
    """Case files to be scanned, by their file numbers."""

    name: str = Field(
        min_length=1,
        max_length=200,
        pattern=STORABLE,
        description="What people call the order, without personal data.",
    )
    file_numbers: list[FileNumber] = Field(min_length=1, max_length=5_000, json_schema_extra={"uniqueItems": True})
    keeping_authority: KeepingAuthority | None = Field(
        default=None, description="Whose case files they are, where several authorities have the same file numbers."
    )

    @field_validator("file_numbers")
    @classmethod
    def _refuse_repetitions(cls, numbers: list[str]) -> list[str]:
        if len(set(numbers)) < len(numbers):
            raise ValueError("a file number is there twice")
        return numbers


class ScanOrderRead(JsonModel):
    """A scan order."""

    id: UUID
    number: int
    name: str
    item_count: int
    filed_count: int
    opened_at: datetime

    @classmethod
    def of(cls, order: OrderView | ScanOrder) -> Self:
        return cls(
            id=order.id,
            number=order.number,
            name=order.name,
            item_count=order.item_count,
            filed_count=order.filed_count,
            opened_at=order.opened_at,
        )


class OrderItemRead(JsonModel):
    """A case file on a scan order; `rules` are those that its last delivery broke."""

    id: str
    case_file_id: UUID
    file_number: str
    state: ItemState
    rules: list[str]
    delivery: Digest | None

    @classmethod
    def of(cls, item: ItemView) -> Self:
        return cls(**asdict(item))


class RejectedItemRead(JsonModel):
    """An item that a corrected delivery is awaited for."""

    item: str
    rules: list[str]
    delivery: Digest | None


class ReconciliationRead(JsonModel):
    """The balance of an order: listed = filed + accepted + rejected + missing.

    `settled`: no item is under way. `complete`: every item is filed.
    """

    scan_order_id: UUID
    listed: int
    filed: int
    accepted: int
    rejected: int
    missing: int
    settled: bool
    complete: bool
    rejected_items: list[RejectedItemRead]

    @classmethod
    def of(cls, order_id: UUID, view: ReconciliationView) -> Self:
        rejected = [RejectedItemRead(item=item.id, rules=item.rules, delivery=item.delivery) for item in view.rejected]
        balance = view.balance
        return cls(
            scan_order_id=order_id,
            settled=balance.settled,
            complete=balance.complete,
            rejected_items=rejected,
            **asdict(balance),
        )


class DeliveryCreate(JsonModel):
    """The manifest of a delivery: the texts of its tag files by name, and that of data/index.csv."""

    tag_files: Annotated[dict[str, Annotated[str, Field(pattern=STORABLE)]], Field(min_length=1, max_length=16)]
    index: Annotated[str, Field(pattern=STORABLE)]


class DeliveryComplete(JsonModel):
    """The contractor's word that everything is uploaded."""

    accept_missing: bool = Field(default=False, description="Check although contents are missing, and report them.")


class MissingContentRead(JsonModel):
    """A content to upload, with the first path of the delivery that needs it."""

    content: Digest
    path: str


class DeliveryItemRead(JsonModel):
    """An item of a delivery and what the check decided."""

    item: str
    outcome: Outcome
    document_count: int
    page_count: int


class FindingRead(JsonModel):
    """A broken rule: where, of which item, and the way out."""

    rule: str
    place: str
    item: str | None
    detail: str
    way_out: str


class DeliveryRead(JsonModel):
    """A delivery: how far it is, what it lacks, what was decided."""

    delivery: Digest
    scan_order_id: UUID
    box: str
    revision: int
    superseded_by: Digest | None
    state: DeliveryState
    missing: list[MissingContentRead]
    items: list[DeliveryItemRead]
    findings: list[FindingRead]

    @classmethod
    def of(cls, view: DeliveryView, missing: Sequence[MissingContent]) -> Self:
        delivery = view.delivery
        return cls(
            delivery=delivery.id,
            scan_order_id=delivery.scan_order_id,
            box=delivery.box,
            revision=delivery.revision,
            superseded_by=delivery.superseded_by,
            state=delivery.state,
            missing=[MissingContentRead(content=lack.content, path=lack.path) for lack in missing],
            items=[
                DeliveryItemRead(
                    item=item.item_id,
                    outcome=item.outcome,
                    document_count=item.document_count,
                    page_count=item.page_count,
                )
                for item in view.items
            ],
            findings=[FindingRead(**asdict(finding)) for finding in view.findings],
        )


class DeliveryStateRead(JsonModel):
    """How far a delivery is."""

    delivery: Digest
    state: DeliveryState
