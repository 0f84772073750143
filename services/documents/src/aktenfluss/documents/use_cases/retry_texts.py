"""Let the pages be read again that could not be read."""

from dataclasses import dataclass

from aktenfluss.kernel import Principal

from ..domain.ports import DocumentsUnitOfWork, Inventory


@dataclass(frozen=True, slots=True)
class RetryTexts:
    """Put documents with failed pages back among those that wait, for all authorities."""

    units: DocumentsUnitOfWork
    inventory: Inventory

    async def __call__(self) -> int:
        """Return how many pages will be read again."""
        count = 0
        for tenant_id in await self.inventory.tenants_with_failed_texts():
            async with self.units.begin(Principal.service("documents", tenant_id)) as tx:
                count += await tx.texts.forget_failed()
        return count
