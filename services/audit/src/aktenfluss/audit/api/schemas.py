"""The wire models of `audit`."""

import json
from datetime import datetime
from typing import Any, Self
from uuid import UUID

from pydantic import Field

from aktenfluss.servicekit import JsonModel

from ..domain.checkpoint import SignedCheckpoint
from ..domain.errors import AuditLogDamagedError
from ..domain.finding import Finding, Report
from ..domain.record import AuditRecord, instant

Hex = str


class AuditRecordRead(JsonModel):
    """One step: who did or read what, and when; chained to the step before it."""

    position: int = Field(description="Place in the authority's log, from 1 without gaps.")
    key: str = Field(description="The chain, for example the id of a case file.")
    sequence: int = Field(description="Place in the chain, from 1 without gaps.")
    event_id: UUID
    type: str
    actor: str = Field(description="Opaque id of who acted; never a name.")
    occurred_at: datetime | None
    correlation_id: str
    subject: str
    aggregate_version: int
    data: dict[str, Any]
    previous_hash: Hex
    hash: Hex

    @classmethod
    def of(cls, record: AuditRecord) -> Self:
        """Return the record. Raises AuditLogDamagedError where it is nothing that the service ever wrote."""
        try:
            return cls._of(record)
        except (ValueError, OverflowError, RecursionError) as exc:
            raise AuditLogDamagedError(f"the record at position {record.position} cannot be read") from exc

    @classmethod
    def _of(cls, record: AuditRecord) -> Self:
        return cls(
            position=record.position,
            key=record.chain_key,
            sequence=record.chain_seq,
            event_id=record.event_id,
            type=record.type,
            actor=record.actor,
            occurred_at=None if record.occurred_us is None else instant(record.occurred_us),
            correlation_id=record.correlation_id,
            subject=record.subject,
            aggregate_version=record.aggregate_version,
            data=json.loads(record.payload),
            previous_hash=record.previous_hash.hex(),
            hash=record.hash.hex(),
        )


class AuditCheckpointRead(JsonModel):
    """A signed statement: the first `size` records have this root."""

    number: int
    size: int
    root: Hex
    sealed_at: datetime | None
    signature: str = Field(description="Compact JWS (ES256); its payload is the statement.")

    @classmethod
    def of(cls, signed: SignedCheckpoint) -> Self:
        """Return the checkpoint. Raises AuditLogDamagedError where it is nothing that the service ever wrote."""
        try:
            return cls._of(signed)
        except OverflowError as exc:
            raise AuditLogDamagedError(f"the checkpoint of size {signed.checkpoint.size} cannot be read") from exc

    @classmethod
    def _of(cls, signed: SignedCheckpoint) -> Self:
        checkpoint = signed.checkpoint
        return cls(
            number=checkpoint.number,
            size=checkpoint.size,
            root=checkpoint.root.hex(),
            sealed_at=None if checkpoint.sealed_us is None else instant(checkpoint.sealed_us),
            signature=signed.signature,
        )


class FindingRead(JsonModel):
    """The first bad place: the record, or the first record that a bad checkpoint seals."""

    position: int
    event_id: UUID | None
    rule: str
    missing_key: Hex | None = Field(
        description="Id of the key that a checkpoint names and `audit.pem` does not hold: SHA-256 of its public half in DER."
    )

    @classmethod
    def of(cls, finding: Finding) -> Self:
        return cls(
            position=finding.position, event_id=finding.event_id, rule=finding.rule, missing_key=finding.missing_key
        )


class AuditVerificationRead(JsonModel):
    """The result of a verification of the caller's authority."""

    ok: bool
    records: int
    checkpoints: int
    unsealed: int = Field(description="Newest records that no checkpoint covers yet; they are not proven.")
    sealed_until: datetime | None = Field(description="When the latest checkpoint was made.")
    first_bad: FindingRead | None

    @classmethod
    def of(cls, report: Report) -> Self:
        return cls(
            ok=report.ok,
            records=report.records,
            checkpoints=report.checkpoints,
            unsealed=report.unsealed,
            sealed_until=report.sealed_until,
            first_bad=FindingRead.of(report.first_bad) if report.first_bad else None,
        )
