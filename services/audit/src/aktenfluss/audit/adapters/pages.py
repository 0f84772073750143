"""Pages of rows that are numbered without gaps, read by their numbers.

`ORDER BY … LIMIT` alone would do, but the planner takes the policies of row-level security for much more selective than
they are and sorts the whole table for each page. A range of the primary key leaves it no choice.
"""

from dataclasses import dataclass

import asyncpg
from sqlalchemy import ColumnElement, Select, bindparam, func, select

from aktenfluss.servicekit import SqlTransaction, Statement, prepare

LOWEST, HIGHEST = -(1 << 63), (1 << 63) - 1


@dataclass(frozen=True, slots=True)
class Pages:
    """Reads the rows of one tenant from a number on; none is passed over, even where numbers are missing."""

    range: Statement
    following: Statement

    async def read(self, tx: SqlTransaction, tenant_id: str, first: int, limit: int) -> list[asyncpg.Record]:
        """Return some of the next rows from number `first` on, in order; none where there are none."""
        rows = await self._range(tx, tenant_id, first, limit)
        if rows:
            return rows
        following: int | None = await tx.fetch_value(self.following, tenant_id=tenant_id, first=first)
        return [] if following is None else await self._range(tx, tenant_id, following, limit)

    async def _range(self, tx: SqlTransaction, tenant_id: str, first: int, limit: int) -> list[asyncpg.Record]:
        last = min(first + limit - 1, HIGHEST)
        return await tx.fetch_all(self.range, tenant_id=tenant_id, first=first, last=last)


def pages(statement: Select[tuple[object, ...]], tenant_id: ColumnElement[str], number: ColumnElement[int]) -> Pages:
    """Return the pages of `statement`, whose rows `number` counts for each `tenant_id`."""
    following = select(func.min(number)).where(tenant_id == bindparam("tenant_id"), number >= bindparam("first"))
    return Pages(prepare(statement), prepare(following))
