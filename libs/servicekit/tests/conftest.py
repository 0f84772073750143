"""A scratch service: one table of things, and how to add one with its fact."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import ClassVar

import pytest
from sqlalchemy import Column, Integer, MetaData, Table, Text, bindparam, insert, select
from sqlalchemy.dialects.postgresql import UUID

from aktenfluss.kernel import EventData, Principal, new_id
from aktenfluss.servicekit import Database, DatabaseAddress, Limits, prepare
from aktenfluss.testkit import FixedClock, PreparedServer

thing = Table("thing", MetaData(), Column("tenant_id", Text), Column("id", UUID), Column("number", Integer))
INSERT = prepare(insert(thing))
NUMBERS = prepare(select(thing.c.number).order_by(thing.c.number))
COUNT_OF = prepare(select(thing.c.number).where(thing.c.number == bindparam("number")))

type Add = Callable[..., Awaitable[None]]


class ThingAdded(EventData):
    """A thing exists."""

    type: ClassVar[str] = "de.aktenfluss.scratch.thing-added.v1"
    number: int


@pytest.fixture
async def address(postgres: PreparedServer) -> DatabaseAddress:
    return await postgres.empty_database("scratch", Path(__file__).parent / "scratch_migrations")


@pytest.fixture
async def database(address: DatabaseAddress, clock: FixedClock) -> AsyncIterator[Database]:
    database = await Database.connect(address.app_dsn, Limits(pool_size=4), clock=clock)
    yield database
    await database.close()


@pytest.fixture
def add(database: Database) -> Add:
    async def add_thing(principal: Principal, number: int, key: str = "key") -> None:
        async with database.transaction(principal) as tx:
            await tx.execute(INSERT, tenant_id=principal.tenant_id, id=new_id(), number=number)
            tx.publish(ThingAdded(number=number), key=key, subject=key, version=number)

    return add_thing


@pytest.fixture
def numbers(database: Database) -> Callable[[Principal], Awaitable[list[int]]]:
    async def numbers_of(principal: Principal) -> list[int]:
        async with database.reading(principal) as tx:
            return [row["number"] for row in await tx.fetch_all(NUMBERS)]

    return numbers_of
