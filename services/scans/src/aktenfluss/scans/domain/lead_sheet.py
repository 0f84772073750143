"""The sheet of paper that leads a case file through the scanner."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LeadSheet:
    """What a lead sheet tells: a neutral id, the volume and the order; no name and no file number."""

    item_id: str
    order_number: int
    order_name: str
    volume: int = 1
