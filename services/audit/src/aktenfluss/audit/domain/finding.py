"""What a verification reports: the rules, the first place that breaks one, the counts."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class Rule(StrEnum):
    """What can be wrong with a log, in the words of the report."""

    RECORD_MISSING = "record-missing"
    RECORD_INSERTED = "record-inserted"
    RECORD_CHANGED = "record-changed"
    RECORD_REPLACED = "record-replaced"
    CHAIN_BROKEN = "chain-broken"
    ROOT_DIFFERS = "root-differs"
    TENANT_INVALID = "tenant-invalid"
    CHECKPOINT_MISSING = "checkpoint-missing"
    CHECKPOINT_CHANGED = "checkpoint-changed"
    CHECKPOINT_FORGED = "checkpoint-forged"
    KEY_MISSING = "checkpoint-key-missing"
    COPY_MISSING = "checkpoint-copy-missing"
    COPY_CHANGED = "checkpoint-copy-changed"
    COPY_UNKNOWN = "checkpoint-copy-unknown"


@dataclass(frozen=True, slots=True)
class Finding:
    """The first bad place of one tenant's log.

    `position` is that of the record; for a checkpoint, of the first record that it seals. `event_id` is None where
    no record is there; `missing_key` is the id of the key without which a checkpoint cannot be verified.
    """

    tenant_id: str
    rule: Rule
    position: int
    event_id: UUID | None = None
    missing_key: str | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """The result of a verification.

    The newest `unsealed` records are in no checkpoint yet: their own hashes and chains were checked, but whoever
    may write the database could have made them. Everything up to `sealed_until` is proven.
    """

    records: int = 0
    checkpoints: int = 0
    unsealed: int = 0
    sealed_until: datetime | None = None
    findings: tuple[Finding, ...] = ()

    @property
    def ok(self) -> bool:
        return not self.findings

    @property
    def first_bad(self) -> Finding | None:
        """The first finding, tenants in the order of their ids."""
        return self.findings[0] if self.findings else None

    def __add__(self, other: "Report") -> "Report":
        sealed = [until for until in (self.sealed_until, other.sealed_until) if until]
        return Report(
            self.records + other.records,
            self.checkpoints + other.checkpoints,
            self.unsealed + other.unsealed,
            max(sealed, default=None),
            self.findings + other.findings,
        )
