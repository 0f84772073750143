"""Positions in the lists of this service, and the cursors that carry them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from aktenfluss.servicekit import Cursors, InvalidCursorError, Page


class Listed(Protocol):
    """Something that a list shows and sorts by its id."""

    @property
    def id(self) -> object: ...


@dataclass(frozen=True, slots=True)
class Listing:
    """One list; `name` tells its cursors from those of others."""

    cursors: Cursors
    name: str

    def position(self, cursor: str | None) -> str | None:
        """Return the last id that the client has seen; raises InvalidCursorError for the cursor of another list."""
        if cursor is None:
            return None
        position = self.cursors.decode(cursor)
        if position.get("list") != self.name:
            raise InvalidCursorError("The cursor is not one of this list.")
        return str(position["id"])

    def page[V: Listed, R](self, found: Sequence[V], limit: int, read: Callable[[V], R]) -> Page[R]:
        """Return the first `limit` of `found`, which has one more where the list goes on."""
        shown = found[:limit]
        more = len(found) > limit
        following = self.cursors.encode({"list": self.name, "id": str(shown[-1].id)}) if more else None
        return Page[R](items=[read(view) for view in shown], next=following)
