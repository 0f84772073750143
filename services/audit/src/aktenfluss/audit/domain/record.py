"""The audit record: one event in the order of its authority and in the chain of its key."""

import json
import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from aktenfluss.kernel import Event

from .merkle import HASH_BYTES, leaf_hash

FORMAT = b"aktenfluss.audit.record.v1"
TENANT_ID = re.compile(r"[a-z0-9-]{1,40}")
"""What the id of an authority looks like; no record of ours names another."""
NO_HASH = bytes(HASH_BYTES)
"""What stands before the first of a chain."""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


def microseconds(instant: datetime) -> int:
    """Return the microseconds from 1970 to `instant`: the exact form that is hashed and signed."""
    return (instant - EPOCH) // MICROSECOND


def instant(occurred_us: int) -> datetime:
    return EPOCH + occurred_us * MICROSECOND


@dataclass(frozen=True, slots=True)
class AuditRecord:
    """A record as it is stored.

    `position` counts the records of the tenant from 1 without gaps, `chain_seq` those of `chain_key`.
    `occurred_us` is None where the database holds no instant (somebody wrote `infinity`). `hash` is the leaf hash
    of all other fields, each behind its length, so no two records have the same form.
    """

    tenant_id: str
    position: int
    chain_key: str
    chain_seq: int
    event_id: UUID
    type: str
    actor: str
    occurred_us: int | None
    correlation_id: str
    subject: str
    aggregate_version: int
    payload: str
    previous_hash: bytes
    hash: bytes = b""

    def computed_hash(self) -> bytes:
        """Return the hash that belongs to the fields, whatever `hash` says."""
        fields = (
            FORMAT,
            self.tenant_id.encode(),
            b"%d" % self.position,
            self.chain_key.encode(),
            b"%d" % self.chain_seq,
            self.event_id.bytes,
            self.type.encode(),
            self.actor.encode(),
            b"" if self.occurred_us is None else b"%d" % self.occurred_us,
            self.correlation_id.encode(),
            self.subject.encode(),
            b"%d" % self.aggregate_version,
            self.payload.encode(),
            self.previous_hash,
        )
        return leaf_hash(b"".join(len(field).to_bytes(4) + field for field in fields))


@dataclass(frozen=True, slots=True)
class Head:
    """The end of the log, seen from one chain: how many records the tenant has, and the chain's last one."""

    position: int = 0
    chain_seq: int = 0
    chain_hash: bytes = NO_HASH

    def append(self, event: Event) -> AuditRecord:
        """Return the record of `event` behind this head."""
        record = AuditRecord(
            tenant_id=event.tenant_id,
            position=self.position + 1,
            chain_key=event.key,
            chain_seq=self.chain_seq + 1,
            event_id=event.id,
            type=event.type,
            actor=event.actor,
            occurred_us=microseconds(event.occurred_at),
            correlation_id=event.correlation_id,
            subject=event.subject,
            aggregate_version=event.aggregate_version,
            payload=canonical(event.data),
            previous_hash=self.chain_hash,
        )
        return replace(record, hash=record.computed_hash())


def canonical(value: object) -> str:
    """Return the one JSON text of `value`: keys sorted, no spaces, every character beyond ASCII escaped."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"))
