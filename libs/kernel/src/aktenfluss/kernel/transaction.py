"""The port through which a use case changes state and tells the fact, both or neither."""

from contextlib import AbstractAsyncContextManager
from typing import Protocol

from .event import EventData
from .principal import Principal


class Transaction(Protocol):
    """One transaction of one principal; services add their repositories."""

    @property
    def principal(self) -> Principal:
        """Who acts."""
        ...

    def publish(self, data: EventData, *, key: object, subject: object, version: int) -> None:
        """Record a fact that is published if, and only if, the transaction commits.

        Call it while the aggregate's row is locked (its version was bumped), else the order per key is lost.
        """
        ...


class UnitOfWork[T: Transaction](Protocol):
    """Opens transactions: committed on a clean exit, rolled back on an exception."""

    def begin(self, principal: Principal) -> AbstractAsyncContextManager[T]:
        """Open a transaction in which only the records of the principal's tenant exist."""
        ...
