"""SQL statements built once with SQLAlchemy Core and run on asyncpg as they are.

Running them through SQLAlchemy's own engine costs 3.4 times the CPU of asyncpg per read (ADR 0007).
"""

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from sqlalchemy import ClauseElement
from sqlalchemy.dialects.postgresql import asyncpg as dialect
from sqlalchemy.sql.compiler import SQLCompiler

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
"""Names of constraints, for the MetaData of every service."""


class Statement:
    """One statement with named parameters; compiled at its first use, then only text and an order of names."""

    def __init__(self, clause: ClauseElement) -> None:
        self._clause = clause

    @cached_property
    def _compiled(self) -> SQLCompiler:
        compiled = self._clause.compile(dialect=dialect.dialect())  # type: ignore[no-untyped-call]  # SQLAlchemy leaves dialects untyped
        assert isinstance(compiled, SQLCompiler)
        return compiled

    @cached_property
    def sql(self) -> str:
        """The text, with `$1`, `$2`, … for the parameters."""
        return self._compiled.string

    @cached_property
    def _parameters(self) -> list[tuple[str, bool, object]]:
        names = self._compiled.positiontup or []
        inserted = bool(getattr(self._compiled, "isinsert", False) or getattr(self._compiled, "isupdate", False))
        binds = self._compiled.binds
        return [
            (name, binds[name].required or (inserted and binds[name].value is None), binds[name].value)
            for name in names
        ]

    def arguments(self, values: Mapping[str, Any]) -> list[Any]:
        """Return `values` in the order of the text.

        Raises KeyError where a parameter has neither a value nor a literal in the statement.
        """
        return [values[name] if required or name in values else literal for name, required, literal in self._parameters]


def prepare(clause: ClauseElement) -> Statement:
    """Return `clause` as a statement that asyncpg runs."""
    return Statement(clause)
