"""Reads that skip the aggregate's transaction; row-level security shows each the principal's tenant only."""

from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Text, bindparam, func, select, tuple_
from sqlalchemy.dialects.postgresql import ARRAY

from aktenfluss.contracts.cases import FoundCaseFile
from aktenfluss.kernel import Principal
from aktenfluss.servicekit import Database, Statement, prepare

from ..domain.case_file import CaseFile
from ..domain.file_entry import FileEntry
from ..domain.ports import CaseFileFilter, ListPosition
from .rows import CASE_FILE, FILE_ENTRY, case_file_of, file_entry_of
from .tables import case_file, file_entry

BEHIND_EVERY_TEXT = "\U0010ffff"
"""In the order of code points no text with a prefix comes after the prefix followed by this."""

ONE_CASE_FILE = prepare(select(*CASE_FILE).where(case_file.c.id == bindparam("id")))

_of_case_file = select(*FILE_ENTRY).where(file_entry.c.case_file_id == bindparam("case_file_id"))

ENTRIES = prepare(
    _of_case_file.where(file_entry.c.position > bindparam("after"))
    .order_by(file_entry.c.position)
    .limit(bindparam("limit"))
)

ONE_ENTRY = prepare(_of_case_file.where(file_entry.c.id == bindparam("id")))

ENTRY_OF_PAGE = prepare(
    _of_case_file.where(file_entry.c.first_page <= bindparam("page")).order_by(file_entry.c.first_page.desc()).limit(1)
)


class SqlCaseFileQueries:
    """Implements `CaseFileQueries` with one statement per read."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def case_file(self, principal: Principal, case_file_id: UUID) -> CaseFile | None:
        async with self._database.reading(principal) as tx:
            row = await tx.fetch_one(ONE_CASE_FILE, id=case_file_id)
        return None if row is None else case_file_of(row)

    async def case_files(
        self, principal: Principal, wanted: CaseFileFilter, after: ListPosition | None, limit: int
    ) -> list[CaseFile]:
        statement = case_files_statement(wanted.set_filters, continued=after is not None)
        async with self._database.reading(principal) as tx:
            rows = await tx.fetch_all(statement, **list_values(wanted, after), limit=limit)
        return [case_file_of(row) for row in rows]

    async def by_number(
        self, principal: Principal, file_numbers: list[str], keeping_authority: str | None
    ) -> list[FoundCaseFile]:
        filters = {} if keeping_authority is None else {"keeping_authority": keeping_authority}
        async with self._database.reading(principal) as tx:
            rows = await tx.fetch_all(
                by_number_statement(of_authority=bool(filters)), file_numbers=file_numbers, **filters
            )
        return [
            FoundCaseFile(case_file_id=row["id"], file_number=row["file_number"], medium=row["medium"]) for row in rows
        ]

    async def entries(self, principal: Principal, case_file_id: UUID, after: int, limit: int) -> list[FileEntry]:
        async with self._database.reading(principal) as tx:
            rows = await tx.fetch_all(ENTRIES, case_file_id=case_file_id, after=after, limit=limit)
        return [file_entry_of(row) for row in rows]

    async def entry(self, principal: Principal, case_file_id: UUID, entry_id: UUID) -> FileEntry | None:
        return await self._one_entry(principal, ONE_ENTRY, case_file_id=case_file_id, id=entry_id)

    async def entry_of_page(self, principal: Principal, case_file_id: UUID, page: int) -> FileEntry | None:
        return await self._one_entry(principal, ENTRY_OF_PAGE, case_file_id=case_file_id, page=page)

    async def _one_entry(self, principal: Principal, statement: Statement, **values: Any) -> FileEntry | None:
        async with self._database.reading(principal) as tx:
            row = await tx.fetch_one(statement, **values)
        return None if row is None else file_entry_of(row)


@cache
def by_number_statement(*, of_authority: bool) -> Statement:
    """Return the look-up of file numbers, at one keeping authority or at all."""
    found = (
        select(case_file.c.id, case_file.c.file_number, case_file.c.medium)
        .where(case_file.c.file_number == func.any(bindparam("file_numbers", type_=ARRAY(Text))))
        .order_by(case_file.c.file_number, case_file.c.id)
    )
    return prepare(
        found.where(case_file.c.keeping_authority == bindparam("keeping_authority")) if of_authority else found
    )


@cache
def case_files_statement(filters: tuple[str, ...], *, continued: bool) -> Statement:
    """Return the list of case files for one set of filters; each set is its own prepared statement with its own plan."""
    position = case_file.c.file_number, case_file.c.id
    statement = select(*CASE_FILE).where(*(FILTERS[name] for name in filters))
    if continued:
        statement = statement.where(
            tuple_(*position)
            > tuple_(bindparam("after_number", type_=Text), bindparam("after_id", type_=case_file.c.id.type))
        )
    return prepare(statement.order_by(*position).limit(bindparam("limit")))


def list_values(wanted: CaseFileFilter, after: ListPosition | None) -> dict[str, Any]:
    """Return the values of the statement's parameters: prefixes become ranges."""
    values = {name: getattr(wanted, name) for name in wanted.set_filters}
    for name in PREFIXES.intersection(values):
        values[f"{name}_end"] = values[name] + BEHIND_EVERY_TEXT
    if after is not None:
        values["after_number"], values["after_id"] = after
    return values


def _begins(column: ColumnElement[str], name: str) -> ColumnElement[bool]:
    # Not LIKE: row-level security keeps it from the index, and a prepared plan does not know its prefix.
    return column.between(bindparam(name, type_=Text), bindparam(f"{name}_end", type_=Text))


PREFIXES = frozenset({"file_number_prefix", "name"})
FILTERS: dict[str, ColumnElement[bool]] = {
    "file_number": case_file.c.file_number == bindparam("file_number"),
    "file_number_prefix": _begins(case_file.c.file_number, "file_number_prefix"),
    "name": _begins(case_file.c.family_first, "name") | _begins(case_file.c.given_first, "name"),
    "medium": case_file.c.medium == bindparam("medium"),
}
