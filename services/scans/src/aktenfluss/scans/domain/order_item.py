"""One case file on a scan order, and the states through which it comes back as documents."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final
from uuid import UUID

from aktenfluss.kernel import Digest

from .errors import OrderItemStateError


class ItemState(StrEnum):
    """Where a case file is on its way from paper to documents."""

    LISTED = "listed"
    REJECTED = "rejected"
    ACCEPTED = "accepted"
    FILED = "filed"


class ItemStep(StrEnum):
    """What can happen to an item."""

    REJECT = "reject"
    ACCEPT = "accept"
    FILE = "file"
    REFUSE = "refuse"


TRANSITIONS: Final = {
    (ItemState.LISTED, ItemStep.REJECT): ItemState.REJECTED,
    (ItemState.LISTED, ItemStep.ACCEPT): ItemState.ACCEPTED,
    (ItemState.REJECTED, ItemStep.REJECT): ItemState.REJECTED,
    (ItemState.REJECTED, ItemStep.ACCEPT): ItemState.ACCEPTED,
    (ItemState.ACCEPTED, ItemStep.FILE): ItemState.FILED,
    (ItemState.ACCEPTED, ItemStep.REFUSE): ItemState.REJECTED,
}
"""Every change of state there is; `refuse` is the case file's answer to accepted documents."""


@dataclass(slots=True)
class OrderItem:
    """A case file on a scan order.

    `id` is neutral: it may be printed, scanned and sent to the contractor. `fingerprint` names the documents that
    were accepted, so that the same documents delivered again are known.
    """

    id: str
    scan_order_id: UUID
    case_file_id: UUID
    state: ItemState = ItemState.LISTED
    delivery: Digest | None = None
    fingerprint: Digest | None = None
    rules: list[str] = field(default_factory=list)
    version: int = 1

    @property
    def settled(self) -> bool:
        """Whether its documents are accepted; a later delivery changes nothing then."""
        return self.state in (ItemState.ACCEPTED, ItemState.FILED)

    def accept(self, delivery: Digest, fingerprint: Digest) -> None:
        self._step(ItemStep.ACCEPT)
        self.delivery, self.fingerprint, self.rules = delivery, fingerprint, []

    def reject(self, delivery: Digest, rules: Sequence[str]) -> None:
        self._step(ItemStep.REJECT)
        self.delivery, self.rules = delivery, sorted(set(rules))

    def file(self) -> None:
        self._step(ItemStep.FILE)

    def refuse(self, rule: str) -> None:
        """Take the case file's no: the documents are not filed and a corrected delivery is awaited."""
        self._step(ItemStep.REFUSE)
        self.fingerprint, self.rules = None, [rule]

    def _step(self, step: ItemStep) -> None:
        target = TRANSITIONS.get((self.state, step))
        if target is None:
            raise OrderItemStateError(
                f"order item {self.id} is {self.state}: it cannot {step}", item=self.id, state=self.state
            )
        self.state = target
        self.version += 1
