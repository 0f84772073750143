"""The case file: all records on one foreigner at one authority (Ausländerakte), and what may happen to it."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from typing import Any, Self, TypedDict, cast
from uuid import UUID

from pydantic import ConfigDict, with_config

from aktenfluss.contracts.cases import Medium
from aktenfluss.contracts.scans import AcceptedDocument
from aktenfluss.kernel import new_id

from .errors import MediumSetBackError
from .file_entry import FileEntry
from .person_name import FamilyName, GivenNames, fold
from .stock_line import BirthDate, FileKey, StockLine

_AWAY_FROM_PAPER: tuple[Medium, ...] = ("paper", "hybrid", "electronic")


@with_config(ConfigDict(extra="forbid"))
class CaseFileChanges(TypedDict, total=False):
    """What may change in a case file; what is left out stays as it is. Its key never changes."""

    family_name: FamilyName
    given_names: GivenNames
    birth_date: BirthDate
    medium: Medium


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFile:
    """One case file at one point of its history; `version` counts its changes from 1.

    Its medium moves from paper to hybrid to electronic and never back.
    """

    id: UUID
    keeping_authority: str
    file_number: str
    family_name: str
    given_names: str
    birth_date: date | None
    medium: Medium
    version: int
    opened_at: datetime
    electronic_at: datetime | None
    entry_count: int
    page_count: int

    @classmethod
    def open(cls, line: StockLine, now: datetime) -> Self:
        return cls(
            **line.model_dump(),
            id=new_id(),
            version=1,
            opened_at=now,
            electronic_at=now if line.medium == "electronic" else None,
            entry_count=0,
            page_count=0,
        )

    @property
    def key(self) -> FileKey:
        return self.keeping_authority, self.file_number

    @property
    def family_first(self) -> str:
        """The folded name for search and order, as in a card index."""
        return fold(f"{self.family_name} {self.given_names}")

    @property
    def given_first(self) -> str:
        """The folded name for search, as spoken."""
        return fold(f"{self.given_names} {self.family_name}")

    def change(self, changes: CaseFileChanges, now: datetime) -> Self:
        """Return the next version, or this one where nothing differs. Raises MediumSetBackError."""
        medium = changes.get("medium", self.medium)
        if _is_behind(medium, self.medium):
            raise MediumSetBackError(self.medium, medium)
        return self if replace(self, **changes) == self else self._next(now, **changes)

    def restate(self, line: StockLine, now: datetime) -> Self:
        """Return the next version as the stock list has it, or this one where nothing differs.

        A stock list counts paper: it does not know what was scanned since, so it never sets the medium back.
        """
        stated = line.model_dump(exclude_unset=True, exclude={"keeping_authority", "file_number"})
        if _is_behind(line.medium, self.medium):
            stated.pop("medium", None)
        return self.change(cast("CaseFileChanges", stated), now)

    def file(
        self, order_item_id: str, documents: Sequence[AcceptedDocument], now: datetime
    ) -> tuple[Self, list[FileEntry]]:
        """Append `documents` in their order; return the electronic file with the new entries."""
        entries: list[FileEntry] = []
        last_page = self.page_count
        for position, document in enumerate(documents, start=self.entry_count + 1):
            entry = FileEntry(
                **document.model_dump(),
                id=new_id(),
                case_file_id=self.id,
                order_item_id=order_item_id,
                position=position,
                first_page=last_page + 1,
                filed_at=now,
            )
            entries.append(entry)
            last_page = entry.last_page
        return self._next(
            now, medium="electronic", entry_count=self.entry_count + len(entries), page_count=last_page
        ), entries

    def differences(self, before: "CaseFile") -> list[str]:
        """Name the fields in which this version differs from `before`, apart from the version itself."""
        names = (field.name for field in fields(self) if field.name != "version")
        return [name for name in names if getattr(self, name) != getattr(before, name)]

    def _next(self, now: datetime, **changes: Any) -> Self:
        changed = replace(self, **changes, version=self.version + 1)
        turned = changed.medium == "electronic" and self.electronic_at is None
        return replace(changed, electronic_at=now) if turned else changed


def _is_behind(medium: Medium, other: Medium) -> bool:
    return _AWAY_FROM_PAPER.index(medium) < _AWAY_FROM_PAPER.index(other)
