"""What is compared: a record with its chain, a checkpoint with its copy."""

from dataclasses import dataclass

from .checkpoint import Checkpoint, CheckpointCopy, SignedCheckpoint, Trail
from .finding import Rule
from .record import NO_HASH, AuditRecord


@dataclass(frozen=True, slots=True)
class LinkedRecord:
    """A record with the place and the hash of the one before it in its chain, None where there is none."""

    record: AuditRecord
    predecessor_position: int | None
    predecessor_hash: bytes | None

    def broken_rule(self, expected_position: int, sealed: bytes | None) -> Rule | None:
        """Return the rule that the record breaks, given the leaf that was sealed at its position, if any was."""
        record, actual = self.record, self.record.computed_hash()
        if record.position != expected_position:
            return Rule.RECORD_MISSING if record.position > expected_position else Rule.RECORD_INSERTED
        if actual != record.hash:
            return Rule.RECORD_CHANGED
        if sealed not in (None, actual):
            return Rule.RECORD_REPLACED
        return None if self._is_linked() else Rule.CHAIN_BROKEN

    def _is_linked(self) -> bool:
        if self.record.chain_seq == 1:
            return self.record.previous_hash == NO_HASH
        if self.predecessor_position is None or self.predecessor_position >= self.record.position:
            return False
        return self.record.previous_hash == self.predecessor_hash


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that there is of one checkpoint: its row, its copy, and what their signatures really state.

    A statement is None where no key of this installation signed it; `missing_key` is the one that the row names then, where
    that could have been ours.
    """

    row: SignedCheckpoint | None
    row_states: Checkpoint | None
    copy: CheckpointCopy | None
    copy_states: Checkpoint | None
    missing_key: str | None = None

    def sealed_leaves(self, trail: Trail) -> tuple[bytes, ...] | None:
        """Return the leaves that are proven by the copy alone, or None."""
        if self.copy is None or self.copy_states is None or not trail.seals(self.copy_states, self.copy.leaves):
            return None
        return self.copy.leaves

    def broken_rule(self, trail: Trail) -> Rule | None:
        """Return the rule that the checkpoint breaks as the next one of `trail`."""
        if self.row is None or self.row.checkpoint.number != trail.number + 1:
            return Rule.CHECKPOINT_MISSING
        if self.row_states is None:
            # A copy that verifies shows that the row was changed, whatever key it names now.
            return Rule.KEY_MISSING if self.missing_key and self.copy_states is None else Rule.CHECKPOINT_FORGED
        if self.row_states != self.row.checkpoint or not trail.continued_by(self.row_states):
            return Rule.CHECKPOINT_CHANGED
        if self.copy is None:
            return Rule.COPY_MISSING
        is_same = self.copy.signature == self.row.signature and self.sealed_leaves(trail) is not None
        return None if is_same else Rule.COPY_CHANGED
