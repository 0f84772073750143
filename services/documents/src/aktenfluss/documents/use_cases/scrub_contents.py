"""Read every stored content again and compare it with its digest."""

from dataclasses import dataclass

from aktenfluss.contracts.documents import content_key
from aktenfluss.kernel import Principal

from ..domain.content import ContentState
from ..domain.errors import ContentDamagedError
from ..domain.ports import BytesMissingError, ByteStore, Inventory
from ..domain.scrub import InventoryItem, ScrubReport
from ..domain.verification import verified
from .report_damage import ReportDamage

_BATCH = 500


@dataclass(frozen=True, slots=True)
class ScrubContents:
    """Check the contents of all tenants, one after the other, in constant memory.

    A content that is sound again (restored from a backup) is served again.
    """

    inventory: Inventory
    store: ByteStore
    report: ReportDamage

    async def __call__(self) -> ScrubReport:
        result, position = ScrubReport(), ("", "")
        while items := await self.inventory.contents(position, _BATCH):
            for item in items:
                result = result.counting(await self._check(item), was=item.content.state)
            position = (items[-1].tenant_id, items[-1].content.digest)
        return result

    async def _check(self, item: InventoryItem) -> ContentState:
        found = await self._state_of(item)
        if found is not item.content.state:
            await self.report(Principal.service("documents", item.tenant_id), item.content.digest, found)
        return found

    async def _state_of(self, item: InventoryItem) -> ContentState:
        try:
            async for _ in verified(item.content, self.store.read(content_key(item.tenant_id, item.content.digest))):
                pass
        except BytesMissingError:
            return ContentState.MISSING
        except ContentDamagedError:
            return ContentState.CHANGED
        return ContentState.OK
