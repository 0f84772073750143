"""What `audit` publishes: reads of the log are records of the log."""

from typing import ClassVar

from aktenfluss.kernel import EventData


class AuditRecordsRead(EventData):
    """Somebody read records of one chain; `chain` is its key, for example the id of a case file."""

    type: ClassVar[str] = "de.aktenfluss.audit.audit-records-read.v1"
    chain: str
    result_count: int


class AuditCheckpointsListed(EventData):
    """Somebody listed the checkpoints of his authority's log."""

    type: ClassVar[str] = "de.aktenfluss.audit.audit-checkpoints-listed.v1"
    result_count: int


class AuditLogVerified(EventData):
    """Somebody had his authority's log verified; `rule` is what the first bad place broke, None where all is well."""

    type: ClassVar[str] = "de.aktenfluss.audit.audit-log-verified.v1"
    record_count: int
    unsealed_count: int
    rule: str | None = None
    position: int | None = None
