"""The unit of work on PostgreSQL."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from aktenfluss.kernel import EventData, Principal
from aktenfluss.servicekit import Database, SqlTransaction

from .repository import (
    SqlContentRepository,
    SqlDocumentRepository,
    SqlFindingRepository,
    SqlRenditionRepository,
    SqlTextRepository,
    SqlUploadRepository,
)


class SqlDocumentsTransaction:
    """Implements `DocumentsTransaction`."""

    def __init__(self, tx: SqlTransaction) -> None:
        self._tx = tx
        self.contents = SqlContentRepository(tx)
        self.uploads = SqlUploadRepository(tx)
        self.documents = SqlDocumentRepository(tx)
        self.renditions = SqlRenditionRepository(tx)
        self.texts = SqlTextRepository(tx)
        self.findings = SqlFindingRepository(tx)

    @property
    def principal(self) -> Principal:
        return self._tx.principal

    def publish(self, data: EventData, *, key: object, subject: object, version: int) -> None:
        self._tx.publish(data, key=key, subject=subject, version=version)


class SqlDocumentsUnitOfWork:
    """Implements `DocumentsUnitOfWork`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def begin(self, principal: Principal) -> AbstractAsyncContextManager[SqlDocumentsTransaction]:
        return self._begin(principal)

    @asynccontextmanager
    async def _begin(self, principal: Principal) -> AsyncIterator[SqlDocumentsTransaction]:
        async with self._database.transaction(principal) as tx:
            yield SqlDocumentsTransaction(tx)
