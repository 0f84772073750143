"""How aggregates become rows, rows become aggregates, and many rows one statement."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from typing import Any

from sqlalchemy import ColumnElement, TableValuedAlias, Text, bindparam, column, func
from sqlalchemy.dialects.postgresql import ARRAY

from ..domain.case_file import CaseFile
from ..domain.file_entry import FileEntry
from .tables import case_file, file_entry

CASE_FILE: list[ColumnElement[Any]] = [case_file.c[field.name] for field in fields(CaseFile)]
"""The columns of a case file, in the order of the aggregate's fields."""

FILE_ENTRY: list[ColumnElement[Any]] = [file_entry.c[field.name] for field in fields(FileEntry)]
"""The columns of a file entry, in the order of the aggregate's fields."""


def case_file_row(tenant_id: str, aggregate: CaseFile) -> dict[str, Any]:
    """Return the row of `aggregate` with its folded names."""
    row = {column.name: getattr(aggregate, column.name) for column in CASE_FILE}
    return row | {
        "tenant_id": tenant_id,
        "family_first": aggregate.family_first,
        "given_first": aggregate.given_first,
    }


def file_entry_row(tenant_id: str, aggregate: FileEntry) -> dict[str, Any]:
    return {column.name: getattr(aggregate, column.name) for column in FILE_ENTRY} | {"tenant_id": tenant_id}


def case_file_of(row: Mapping[str, Any]) -> CaseFile:
    return CaseFile(**row)


def file_entry_of(row: Mapping[str, Any]) -> FileEntry:
    return FileEntry(**row)


def unnested(columns: Iterable[ColumnElement[Any]], name: str) -> TableValuedAlias:
    """Return a table whose rows come as parameters, an array for each column: many rows in one statement."""
    typed = [column(one.name, Text() if isinstance(one.type, Text) else one.type) for one in columns]
    arrays = [bindparam(one.name, type_=ARRAY(one.type)) for one in typed]
    return func.unnest(*arrays).table_valued(*typed, name=name).render_derived()


def arrays_of(rows: Sequence[Mapping[str, Any]]) -> dict[str, list[Any]]:
    """Return the parameters of a statement with an `unnested` table."""
    return {name: [row[name] for row in rows] for name in rows[0]}
