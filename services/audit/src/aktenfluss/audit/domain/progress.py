"""How far the verification of one tenant's log came, and what it saw on the way."""

from collections.abc import Sequence
from dataclasses import dataclass

from .checkpoint import SignedCheckpoint, Trail
from .evidence import LinkedRecord
from .finding import Finding, Report, Rule
from .merkle import NO_TREE, CompactRange
from .record import instant


@dataclass(slots=True)
class Progress:
    """The place behind the last record and the last checkpoint that were found good."""

    trail: Trail
    walked: CompactRange = NO_TREE
    sealed_us: int | None = None

    @property
    def position(self) -> int:
        """The position of the last good record, 0 before the first."""
        return self.walked.size

    def accept(self, page: Sequence[LinkedRecord], sealed: Sequence[bytes] | None) -> Finding | None:
        """Go on over `page`, compared with the leaves `sealed` at these positions; return the first bad record."""
        for offset, linked in enumerate(page):
            expected = self.position + offset + 1
            rule = linked.broken_rule(expected, sealed[offset] if sealed else None)
            if rule is Rule.RECORD_MISSING:
                return self.finding(rule, expected)
            if rule:
                return Finding(self.trail.tenant_id, rule, linked.record.position, linked.record.event_id)
        self.walked = self.walked.extend(linked.record.hash for linked in page)
        return None

    def pass_checkpoint(self, row: SignedCheckpoint) -> None:
        self.trail = self.trail.after(row)
        self.sealed_us = row.checkpoint.sealed_us

    def finding(self, rule: Rule, position: int, missing_key: str | None = None) -> Finding:
        """Return a finding about a place where no record is, or about a checkpoint."""
        return Finding(self.trail.tenant_id, rule, position, missing_key=missing_key)

    def report(self, finding: Finding | None) -> Report:
        """Return the report; behind a finding nothing was looked at, so nothing there counts as unsealed."""
        return Report(
            records=self.position,
            checkpoints=self.trail.number,
            unsealed=0 if finding else self.position - self.trail.tree.size,
            sealed_until=None if self.sealed_us is None else instant(self.sealed_us),
            findings=(finding,) if finding else (),
        )
