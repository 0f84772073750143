"""Statements and the indexes that serve them, row-level security included."""

import re

import asyncpg
import pytest

from aktenfluss.cases.adapters import queries, repository
from aktenfluss.kernel import Principal, Role

CLERK = Principal("test:clerk", "offenbach", frozenset({Role.CLERK}))


@pytest.fixture
async def stock(cases, postgres, import_list, stock_line):
    """Import enough case files that an index is worth its while."""
    await import_list(*(stock_line(file_number=f"A {n}", family_name=f"B{chr(97 + n % 26)}x") for n in range(3_000)))
    connection = await asyncpg.connect(postgres.superuser_dsn(cases.service.name))
    await connection.execute("ANALYZE case_file")
    await connection.close()


@pytest.fixture
def plan_of(cases, stock):
    """Return the plan of a prepared statement, which does not know its parameters."""

    async def explain(statement, without="jit"):
        values = ", ".join(["NULL"] * len(set(re.findall(r"\$\d+", statement.sql))))
        async with cases.database.transaction(CLERK) as tx:
            await tx.connection.execute(f"SET LOCAL plan_cache_mode = force_generic_plan; SET LOCAL {without} = off")
            await tx.connection.execute(f"PREPARE p AS {statement.sql}")
            rows = await tx.connection.fetch(f"EXPLAIN EXECUTE p({values})")
            await tx.connection.execute("DEALLOCATE p")
        return "\n".join(row[0] for row in rows)

    return explain


async def test_one_case_file_is_read_by_its_key(plan_of):
    plan = await plan_of(queries.ONE_CASE_FILE)
    assert "Index Scan using pk_case_file" in plan
    assert "id = $1" in plan


async def test_both_orders_of_a_name_are_served_by_an_index(plan_of):
    # Apart from walking along the list, which is as quick where many names fit.
    plan = await plan_of(queries.case_files_statement(("name",), continued=False), without="enable_indexscan")
    assert "ix_case_file_tenant_id_family_first" in plan
    assert "ix_case_file_tenant_id_given_first" in plan


@pytest.mark.parametrize("filters", [(), ("file_number",), ("file_number_prefix",)])
async def test_the_list_comes_in_order_from_an_index(plan_of, filters):
    plan = await plan_of(queries.case_files_statement(filters, continued=True))
    assert "Index Scan using ix_case_file_tenant_id_file_number_id" in plan
    assert "Sort" not in plan


@pytest.mark.parametrize("of_authority", [True, False])
async def test_file_numbers_are_looked_up_in_an_index(plan_of, of_authority):
    assert "Seq Scan" not in await plan_of(queries.by_number_statement(of_authority=of_authority))


async def test_a_page_of_the_file_is_one_step_in_an_index(plan_of):
    assert "Backward using uq_file_entry_tenant_id_case_file_id_first_page" in await plan_of(queries.ENTRY_OF_PAGE)


async def test_stock_lines_are_found_by_their_keys(plan_of):
    assert "Seq Scan" not in await plan_of(repository.LOCK_BY_KEY)
