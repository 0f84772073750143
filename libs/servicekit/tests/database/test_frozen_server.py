"""A server that is frozen under an open statement: the caller is told so, whatever the driver has ended by then."""

import pytest
from tools.servers import PostgresServer

from aktenfluss.kernel import Principal
from aktenfluss.servicekit import Database, Limits, ServiceUnavailableError

CLERK = Principal("clerk", "offenbach")
pytestmark = pytest.mark.servers


async def read(database: Database) -> int:
    async with database.session() as connection:
        return await connection.fetchval("SELECT 1")


async def read_in_transaction(database: Database) -> int:
    async with database.transaction(CLERK) as tx:
        return await tx.connection.fetchval("SELECT 1")


@pytest.mark.parametrize("use", [read, read_in_transaction])
async def test_a_server_that_stays_frozen_is_told_as_unavailable(tmp_path, use):
    with PostgresServer.start(tmp_path) as server:
        server.create("cases")
        database = await Database.connect(server.app_url("cases"), Limits(pool_size=1, statement=1.5))
        assert await use(database) == 1
        server.pause()
        try:
            with pytest.raises(ServiceUnavailableError):
                await use(database)
        finally:
            server.resume()
        assert await use(database) == 1
        await database.close()
