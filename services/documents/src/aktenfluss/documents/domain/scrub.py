"""What a scrub finds: contents that are missing, changed, or cannot be read."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Self
from uuid import UUID

from .content import Content, ContentState

MOST_NAMED = 20
"""So many contents that cannot be read are named; more of them have one cause, which one of them shows."""


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
    """The counts of one scrub: `checked` = `sound` + `missing` + `changed` + `unreadable`.

    `new` and `healed` tell what it wrote. Of what is `unreadable` nothing is known, and nothing was written: the store
    did not give it; `unread` are the keys of the first of them.
    """

    sound: int = 0
    missing: int = 0
    changed: int = 0
    unreadable: int = 0
    new: int = 0
    healed: int = 0
    unread: tuple[str, ...] = ()

    @property
    def checked(self) -> int:
        return self.sound + self.missing + self.changed + self.unreadable

    def counting(self, state: ContentState, *, was: ContentState) -> Self:
        """Return the report with one content more, found in `state`."""
        field = {"ok": "sound"}.get(state, str(state))
        counted = replace(self, **{field: getattr(self, field) + 1})
        if state is was:
            return counted
        if state is ContentState.OK:
            return replace(counted, healed=counted.healed + 1)
        return replace(counted, new=counted.new + 1)

    def counting_unreadable(self, key: str) -> Self:
        """Return the report with one content more, whose object the store did not give."""
        return replace(self, unreadable=self.unreadable + 1, unread=(*self.unread, key)[:MOST_NAMED])
