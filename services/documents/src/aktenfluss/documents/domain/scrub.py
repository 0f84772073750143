"""What a scrub finds: contents that are missing or changed."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Self
from uuid import UUID

from .content import Content, ContentState


@dataclass(frozen=True, slots=True)
class InventoryItem:
    """A content and whose it is, for work over all tenants."""

    tenant_id: str
    content: Content


@dataclass(frozen=True, slots=True)
class ScrubFinding:
    """A damage, kept after it is healed."""

    id: UUID
    content: str
    finding: ContentState
    found_at: datetime
    healed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ScrubReport:
    """The counts of one scrub: `checked` = `sound` + `missing` + `changed`; `new` and `healed` tell what it wrote."""

    sound: int = 0
    missing: int = 0
    changed: int = 0
    new: int = 0
    healed: int = 0

    @property
    def checked(self) -> int:
        return self.sound + self.missing + self.changed

    def counting(self, state: ContentState, *, was: ContentState) -> Self:
        """Return the report with one content more, found in `state`."""
        field = {"ok": "sound"}.get(state, str(state))
        counted = replace(self, **{field: getattr(self, field) + 1})
        if state is was:
            return counted
        if state is ContentState.OK:
            return replace(counted, healed=counted.healed + 1)
        return replace(counted, new=counted.new + 1)
