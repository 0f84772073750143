"""Read every stored content again and compare it with its digest."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

from aktenfluss.contracts.documents import content_key
from aktenfluss.kernel import Kind, Principal, Problem

from ..domain.content import ContentState
from ..domain.errors import ContentDamagedError
from ..domain.ports import BytesMissingError, ByteStore, Inventory
from ..domain.scrub import InventoryItem, ScrubReport
from ..domain.verification import verified
from .report_damage import ReportDamage

_BATCH = 500
_IN_A_ROW = 5
"""After so many contents in a row that the store does not give, it is asked for one that it gave, or the first again."""


@dataclass(frozen=True, slots=True)
class ScrubContents:
    """Check the contents of all tenants, one after the other, in constant memory.

    A content that is sound again (restored from a backup) is served again. One that the store does not give, for its
    disk cannot read it, is counted, and hides none behind it.
    """

    inventory: Inventory
    store: ByteStore
    report: ReportDamage

    async def __call__(self) -> ScrubReport:
        """Return what was found; raises the problem of the store where it gives nothing any more."""
        result, given, refusals = ScrubReport(), None, 0
        async for item in self._items():
            found = await self._found(item)
            if found is None:
                result, given, refusals = result.counting_unreadable(_key(item)), given or item, refusals + 1
            else:
                await self._tell(item, found)
                result, given, refusals = result.counting(found, was=item.content.state), item, 0
            if given and refusals == _IN_A_ROW:
                await self._state_of(given)
                refusals = 0
        if given and refusals:
            await self._state_of(given)
        return result

    async def _items(self) -> AsyncIterator[InventoryItem]:
        position = ("", "")
        while items := await self.inventory.contents(position, _BATCH):
            for item in items:
                yield item
            position = (items[-1].tenant_id, items[-1].content.digest)

    async def _tell(self, item: InventoryItem, found: ContentState) -> None:
        if found is not item.content.state:
            await self.report(Principal.service("documents", item.tenant_id), item.content.digest, found)

    async def _found(self, item: InventoryItem) -> ContentState | None:
        """Return the state of the bytes, None where the store does not give them."""
        try:
            return await self._state_of(item)
        except Problem as problem:
            if problem.kind is not Kind.UNAVAILABLE:
                raise
            return None

    async def _state_of(self, item: InventoryItem) -> ContentState:
        try:
            await verified(item.content, self.store.read(_key(item)))
        except BytesMissingError:
            return ContentState.MISSING
        except ContentDamagedError:
            return ContentState.CHANGED
        return ContentState.OK


def _key(item: InventoryItem) -> str:
    return content_key(item.tenant_id, item.content.digest)
