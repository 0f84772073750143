"""The balance of a scan order: nothing that was listed gets lost."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from .order_item import ItemState


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """How many items of an order are where.

    Law: listed = filed + accepted + rejected + missing. `missing` was not delivered yet.
    """

    listed: int
    filed: int
    accepted: int
    rejected: int
    missing: int

    @classmethod
    def of(cls, counts: Mapping[ItemState, int]) -> Self:
        """Balance the number of items in each state."""
        return cls(
            listed=sum(counts.values()),
            filed=counts.get(ItemState.FILED, 0),
            accepted=counts.get(ItemState.ACCEPTED, 0),
            rejected=counts.get(ItemState.REJECTED, 0),
            missing=counts.get(ItemState.LISTED, 0),
        )

    @property
    def settled(self) -> bool:
        """Whether no item is under way: listed = filed + missing + rejected."""
        return self.listed == self.filed + self.missing + self.rejected

    @property
    def complete(self) -> bool:
        """Whether every item is filed."""
        return self.listed == self.filed
