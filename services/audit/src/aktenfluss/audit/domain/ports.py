"""What the use cases need from outside, in the words of the domain."""

from collections.abc import AsyncIterator, Collection
from typing import Protocol
from uuid import UUID

from aktenfluss.kernel import EventData, Principal, Transaction, UnitOfWork

from .checkpoint import CheckpointCopy, SignedCheckpoint
from .evidence import LinkedRecord
from .record import AuditRecord, Head


class RecordLog(Protocol):
    """The records of the transaction's tenant: they are added to, never changed."""

    async def head(self, chain_key: str) -> Head:
        """Return the end of the log and of one chain, as committed by now."""
        ...

    async def append(self, record: AuditRecord) -> bool:
        """Add `record`; return False, and add nothing, where its position or its event is in the log already.

        A writer that is adding a record at the same position is waited for.
        """
        ...

    async def has_event(self, event_id: UUID) -> bool: ...

    async def leaves(self, after: int, limit: int) -> list[tuple[int, bytes]]:
        """Return positions and hashes of some of the next records behind `after`, in order; none at the end."""
        ...


class CheckpointLog(Protocol):
    """The checkpoints of the transaction's tenant: they are added to, never changed."""

    async def try_lock(self) -> bool:
        """Become the only sealer of the tenant until the transaction ends; return False where there is one."""
        ...

    async def last(self) -> SignedCheckpoint | None: ...

    async def has_size(self, size: int) -> bool:
        """Return whether there is a checkpoint of `size`, the last one or any before."""
        ...

    async def add(self, signed: SignedCheckpoint) -> None: ...


class AuditTransaction(Transaction, Protocol):
    """A transaction on the audit log of one tenant."""

    @property
    def records(self) -> RecordLog: ...

    @property
    def checkpoints(self) -> CheckpointLog: ...


class AuditUnitOfWork(UnitOfWork[AuditTransaction], Protocol):
    """Opens transactions on the audit log."""


class AuditQueries(Protocol):
    """Reads of the log by one caller, who sees the records of his tenant only."""

    async def chain(self, principal: Principal, key: str, after: int, until: int, limit: int) -> list[AuditRecord]:
        """Return the records of the chain `key` behind sequence `after`, up to `until`, in order."""
        ...

    async def chain_length(self, principal: Principal, key: str) -> int: ...

    async def checkpoints(self, principal: Principal, before: int, limit: int) -> list[SignedCheckpoint]:
        """Return the checkpoints below number `before`, the newest first."""
        ...


class AuditInventory(Protocol):
    """Reads over all tenants, for sealing and for verification; every call names the tenant it means."""

    async def tenants(self) -> set[str]:
        """Return who has records or checkpoints."""
        ...

    async def unsealed_tenants(self) -> list[str]:
        """Return who has records behind his latest checkpoint."""
        ...

    async def records(self, tenant_id: str, after: int | None, limit: int) -> list[LinkedRecord]:
        """Return some of the next records behind position `after`, or the very first ones; none at the end."""
        ...

    async def checkpoints(self, tenant_id: str, after: int | None, limit: int) -> list[SignedCheckpoint]:
        """Return some of the next checkpoints behind number `after`, or the very first ones; none at the end."""
        ...

    async def checkpoint_sizes(self, tenant_id: str, sizes: Collection[int]) -> set[int]:
        """Return which of `sizes` have a checkpoint."""
        ...


class CheckpointArchive(Protocol):
    """The copies of the checkpoints outside the database.

    A copy is prepared before the row of its checkpoint is committed and completed after. So a kill at any moment
    leaves a prepared copy at most, and a completed copy without a row is always the trace of a deletion.
    """

    async def prepare(self, tenant_id: str, size: int, copy: CheckpointCopy) -> None:
        """Return when the copy is durable, set apart from the completed ones."""
        ...

    async def complete(self, tenant_id: str, size: int, copy: CheckpointCopy) -> None:
        """Return when the copy is durable in its place; the prepared one is gone then."""
        ...

    async def drop_prepared(self, tenant_id: str, size: int) -> None: ...

    def prepared(self) -> AsyncIterator[tuple[str, int]]:
        """Yield tenant and size of the copies that wait to be completed."""
        ...

    async def read(self, tenant_id: str, size: int) -> CheckpointCopy | None:
        """Return the copy, completed or prepared, or None where there is none."""
        ...

    async def is_complete(self, tenant_id: str, size: int) -> bool: ...

    def sizes(self, tenant_id: str) -> AsyncIterator[int]:
        """Yield the sizes of the completed copies, in no particular order."""
        ...

    async def tenants(self) -> set[str]:
        """Return who has completed copies."""
        ...


class Signer(Protocol):
    """Signs for this installation."""

    def sign(self, statement: bytes) -> str:
        """Return a compact JWS with `statement` as its payload."""
        ...

    def statement_of(self, signature: str) -> bytes | None:
        """Return the payload, or None where no key of this installation signed it."""
        ...

    def missing_key(self, signature: str) -> str | None:
        """Return the id of the key that a signature names and nobody gave us, None for every other signature.

        The name is not proven: whoever changes a signature can write any.
        """
        ...


class ReadLog(Protocol):
    """Tells that somebody read records."""

    async def record(
        self, principal: Principal, data: EventData, *, key: object, subject: object, version: int
    ) -> None:
        """Return when the read is durably recorded."""
        ...
