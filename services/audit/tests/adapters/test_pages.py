"""Pages by number: nothing is passed over, and no page reads more than its own rows."""

import re

import pytest

from aktenfluss.audit.adapters.inventory import CHECKPOINTS, RECORDS
from aktenfluss.audit.adapters.pages import HIGHEST, LOWEST


async def numbers(log, first, limit):
    async with log.database.maintenance() as tx:
        return [row["position"] for row in await RECORDS.read(tx, "offenbach", first, limit)]


async def test_a_page_holds_the_next_rows(log):
    await log.record(*["file-1"] * 5)
    assert [await numbers(log, first, 2) for first in (LOWEST, 3, 5, 6)] == [[1, 2], [3, 4], [5], []]


async def test_a_page_begins_behind_a_gap(log, intruder):
    await log.record(*["file-1"] * 5)
    await intruder.execute("DELETE FROM audit_record WHERE position IN (2, 3, 4)")
    assert await numbers(log, 2, 2) == [5]


@pytest.mark.parametrize("position", [LOWEST, -1, 0, HIGHEST])
async def test_no_number_is_out_of_reach(log, intruder, position):
    await log.record("file-1")
    await intruder.execute(f"UPDATE audit_record SET position = {position}")
    assert await numbers(log, LOWEST, 10) == [position]


@pytest.mark.parametrize("pages", [RECORDS, CHECKPOINTS])
async def test_a_page_is_found_in_the_index(log, intruder, pages):
    await log.fill(checkpoints=60, records=3)
    await intruder.execute("ANALYZE audit_record, audit_checkpoint")
    values = pages.range.arguments({"tenant_id": "offenbach", "first": 11, "last": 20})
    text = re.sub(r"\$(\d+)(::\w+)?", lambda match: repr(values[int(match[1]) - 1]), pages.range.sql)
    async with log.database.maintenance() as tx:
        await tx.connection.execute("SET LOCAL enable_seqscan = off")  # small tables are read whole otherwise
        plan = "\n".join(row[0] for row in await tx.connection.fetch(f"EXPLAIN {text}"))
    assert "Seq Scan" not in plan
    assert plan.count("Index Cond: ((tenant_id") >= 1
    assert "chain_seq = " not in "".join(line for line in plan.splitlines() if "Filter" in line)
