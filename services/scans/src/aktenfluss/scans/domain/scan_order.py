"""A scan order: the case files that leave the shelf together."""

from dataclasses import dataclass
from datetime import datetime
from typing import Self
from uuid import UUID

from aktenfluss.kernel import new_id


@dataclass(slots=True)
class ScanOrder:
    """A list of case files to be scanned, and how many of them are filed.

    `number` is what people call it; the database counts it.
    """

    id: UUID
    name: str
    item_count: int
    opened_at: datetime
    number: int = 0
    filed_count: int = 0
    version: int = 1

    @classmethod
    def open(cls, name: str, item_count: int, opened_at: datetime) -> Self:
        return cls(new_id(), name, item_count, opened_at)

    @property
    def reconciled(self) -> bool:
        """Whether every item is filed."""
        return self.filed_count == self.item_count

    def count_filed(self) -> None:
        self.filed_count += 1
        self.version += 1
