"""Order that the text of documents is recognised."""

from dataclasses import dataclass

from aktenfluss.kernel import Principal

from ..domain.document import Document
from ..domain.page_text import units_of
from ..domain.ports import DocumentsUnitOfWork, Inventory


@dataclass(frozen=True, slots=True)
class OrderTexts:
    """Queue the pages of documents whose text nobody ordered yet, the oldest first.

    A document is marked with the same transaction that queues its pages: it is ordered once, whoever else orders.
    """

    units: DocumentsUnitOfWork
    inventory: Inventory

    async def __call__(self, limit: int) -> int:
        """Stop at the document with which `limit` units are queued; return how many are."""
        ordered = 0
        for tenant_id, document in await self.inventory.unordered_texts(limit):
            if ordered >= limit:
                break
            ordered += await self._order(tenant_id, document)
        return ordered

    async def _order(self, tenant_id: str, document: Document) -> int:
        ordered = 0
        async with self.units.begin(Principal.service("documents", tenant_id)) as tx:
            if await tx.texts.mark_ordered(document):
                for unit in units_of(document):
                    await tx.texts.order(unit)
                    ordered += 1
        return ordered
