"""The import against a model: whatever the list says, in whatever order, the last word holds."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aktenfluss.cases.adapters.queries import SqlCaseFileQueries
from aktenfluss.cases.adapters.unit_of_work import SqlCasesUnitOfWork
from aktenfluss.cases.domain.ports import CaseFileFilter
from aktenfluss.cases.use_cases.import_stock_list import ImportStockList
from aktenfluss.kernel import Principal, Role, new_id

MEDIA = ["paper", "hybrid", "electronic"]
LINES = st.fixed_dictionaries(
    {
        "keeping_authority": st.sampled_from(["064130", "064140"]),
        "file_number": st.sampled_from(["A", "Ä", "B 1"]),
        "family_name": st.sampled_from(["Öztürk", "Demir"]),
        "medium": st.sampled_from(MEDIA),
    }
)


@pytest.fixture
def import_lines(cases, clock):
    """Import lines for one authority and return the results."""
    use_case = ImportStockList(SqlCasesUnitOfWork(cases.database), clock)

    async def run(principal, lines):
        async def texts():
            for line in lines:
                yield json.dumps(line).encode()

        return [outcome.result async for batch in use_case(principal, texts()) for outcome in batch]

    return run


@pytest.fixture
def stock_of(cases):
    """Return what an authority has, by key."""
    queries = SqlCaseFileQueries(cases.database)

    async def read(principal):
        found = await queries.case_files(principal, CaseFileFilter(), None, 200)
        return {case_file.key: (case_file.family_name, case_file.medium) for case_file in found}

    return read


def vendor():
    """Return a caller of an authority that nobody else has."""
    return Principal("test:vendor", f"t{new_id().hex}", frozenset({Role.VENDOR}))


def expected(lines):
    stock = {}
    for line in lines:
        key = line["keeping_authority"], line["file_number"]
        medium = max(line["medium"], stock.get(key, ("", "paper"))[1], key=MEDIA.index)
        stock[key] = line["family_name"], medium
    return stock


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lines=st.lists(LINES, max_size=12))
async def test_the_last_word_holds_and_a_second_import_changes_nothing(import_lines, stock_of, lines):
    principal = vendor()
    results = await import_lines(principal, lines)
    assert results.count("created") == len(expected(lines))
    assert await stock_of(principal) == expected(lines)

    last_words = list({(line["keeping_authority"], line["file_number"]): line for line in lines}.values())
    assert await import_lines(principal, last_words) == ["unchanged"] * len(last_words)


async def test_versions_of_a_case_file_follow_each_other(cases, import_lines):
    lines = [
        {"keeping_authority": "064130", "file_number": "A", "family_name": name} for name in ("Öztürk", "Demir", "Kaya")
    ]
    await import_lines(vendor(), lines)
    assert [event["aggregate_version"] for event in await cases.events()] == [1, 2, 3]
