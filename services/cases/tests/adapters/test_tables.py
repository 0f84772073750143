"""The tables that statements are built from are those that the migrations make."""

import pytest
from sqlalchemy import NullPool, create_engine, inspect, make_url

from aktenfluss.cases.adapters.tables import metadata


@pytest.fixture
def inspector(cases, postgres):
    url = make_url(postgres.superuser_dsn(cases.service.name)).set(drivername="postgresql+psycopg")
    with create_engine(url, poolclass=NullPool).connect() as connection:
        yield inspect(connection)


@pytest.mark.parametrize("table", metadata.sorted_tables, ids=lambda table: table.name)
def test_migrations_make_the_table(inspector, table):
    dialect = inspector.dialect
    found = {
        column["name"]: (column["type"].compile(dialect), column["nullable"])
        for column in inspector.get_columns(table.name)
    }
    assert found == {column.name: (column.type.compile(dialect), column.nullable) for column in table.columns}
    assert {index["name"] for index in inspector.get_indexes(table.name)} >= {index.name for index in table.indexes}
