"""A delivery of scans: a box that a contractor announces, uploads and declares complete."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from aktenfluss.delivery import Finding
from aktenfluss.kernel import Digest

from .errors import DeliverySupersededError

CHECK_JOB: Final = "check_delivery"
CHECK_QUEUE: Final = "scans"


class DeliveryState(StrEnum):
    """How far a delivery is."""

    UPLOADING = "uploading"
    RECEIVED = "received"
    CHECKED = "checked"


class DeliveryStep(StrEnum):
    """What can happen to a delivery."""

    COMPLETE = "complete"
    CHECK = "check"


TRANSITIONS: Final = {
    (DeliveryState.UPLOADING, DeliveryStep.COMPLETE): DeliveryState.RECEIVED,
    (DeliveryState.RECEIVED, DeliveryStep.CHECK): DeliveryState.CHECKED,
}
"""Every change of state there is."""


class Outcome(StrEnum):
    """What the check decided about one item of a delivery."""

    PENDING = "pending"
    ACCEPTED = "accepted"
    UNCHANGED = "unchanged"
    REJECTED = "rejected"


@dataclass(slots=True)
class DeliveryItem:
    """One order item as it lies in one delivery, and the decision about it.

    `item_id` is what the contractor wrote: it need not exist. `unchanged` means that these very documents were
    accepted before.
    """

    item_id: str
    document_count: int
    page_count: int
    outcome: Outcome = Outcome.PENDING
    findings: list[Finding] = field(default_factory=list)


@dataclass(slots=True)
class Delivery:
    """A delivery, named by the digest of its tag manifest, which fixes every byte of it."""

    id: Digest
    scan_order_id: UUID
    box: str
    revision: int
    supersedes: Digest | None
    announced_at: datetime
    state: DeliveryState = DeliveryState.UPLOADING
    superseded_by: Digest | None = None
    version: int = 1

    def complete(self) -> None:
        """Take the contractor's word that everything is uploaded."""
        if self.superseded_by is not None:
            raise DeliverySupersededError(
                "a later revision replaces this delivery", delivery=self.id, superseded_by=self.superseded_by
            )
        self._step(DeliveryStep.COMPLETE)

    def finish_check(self) -> None:
        self._step(DeliveryStep.CHECK)

    def give_way_to(self, revision: Digest) -> None:
        """Let a later revision replace this one; what was accepted out of it stays accepted."""
        self.superseded_by = revision
        self.version += 1

    def _step(self, step: DeliveryStep) -> None:
        # Whoever takes a step has looked at the state under the lock: another one is a mistake of ours, no problem of theirs.
        self.state = TRANSITIONS[self.state, step]
        self.version += 1


@dataclass(frozen=True, slots=True)
class Manifest:
    """What the contractor sent to announce a delivery; read again whenever it is needed."""

    tag_files: dict[str, str]
    index: str


def findings_of(items: Sequence[DeliveryItem]) -> list[Finding]:
    """Return the findings of all items, in the order of the items."""
    return [finding for item in items for finding in item.findings]
