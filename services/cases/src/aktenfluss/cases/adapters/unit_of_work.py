"""Transactions of `cases` on its database."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aktenfluss.kernel import EventData, Principal
from aktenfluss.servicekit import Database, SqlTransaction

from .repository import SqlCaseFileRepository, SqlFileEntryRepository


class SqlCasesTransaction:
    """One transaction with its repositories; implements `CasesTransaction`."""

    def __init__(self, tx: SqlTransaction) -> None:
        self._tx = tx
        self.case_files = SqlCaseFileRepository(tx)
        self.entries = SqlFileEntryRepository(tx)

    @property
    def principal(self) -> Principal:
        return self._tx.principal

    def publish(self, data: EventData, *, key: object, subject: object, version: int) -> None:
        self._tx.publish(data, key=key, subject=subject, version=version)


class SqlCasesUnitOfWork:
    """Opens transactions; implements `CasesUnitOfWork`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @asynccontextmanager
    async def begin(self, principal: Principal) -> AsyncIterator[SqlCasesTransaction]:
        async with self._database.transaction(principal) as tx:
            yield SqlCasesTransaction(tx)
