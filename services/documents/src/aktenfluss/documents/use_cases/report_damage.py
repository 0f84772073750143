"""Record that a content is damaged, or sound again."""

from dataclasses import dataclass

from aktenfluss.contracts.documents import ContentDamaged
from aktenfluss.kernel import Clock, Principal, new_id

from ..domain.content import ContentState
from ..domain.ports import DocumentsUnitOfWork
from ..domain.scrub import ScrubFinding


@dataclass(frozen=True, slots=True)
class ReportDamage:
    """Set the state of a content to what was found; tell it once, however often it is found."""

    units: DocumentsUnitOfWork
    clock: Clock

    async def __call__(self, principal: Principal, digest: str, found: ContentState) -> None:
        async with self.units.begin(principal) as tx:
            version = await tx.contents.change_state(digest, found)
            if version is None:
                return
            now = self.clock.now()
            await tx.findings.heal(digest, now)
            if found is not ContentState.OK:
                await tx.findings.add(ScrubFinding(new_id(), digest, found, now))
                damaged = ContentDamaged(content=digest, finding=found)
                tx.publish(damaged, key=digest, subject=digest, version=version)
