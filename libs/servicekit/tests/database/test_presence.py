"""A server learns soon that a machine of ours is gone, and does not keep locks for who will never come back."""

import pytest
from tools.servers import PostgresServer

from aktenfluss.servicekit import Database, Limits
from aktenfluss.servicekit.database.limits import PRESENCE
from aktenfluss.servicekit.database.session import open_session

pytestmark = pytest.mark.servers


async def told(connection):
    return {
        name: await connection.fetchval("SELECT setting FROM pg_settings WHERE name = $1", name) for name in PRESENCE
    }


async def test_every_session_over_tcp_is_asked_whether_it_is_still_there(tmp_path):
    with PostgresServer.start(tmp_path) as server:
        server.create("cases")
        database = await Database.connect(server.app_url("cases"), Limits(pool_size=1))
        async with database.session() as connection:
            assert await told(connection) == PRESENCE
        await database.close()
        alone = await open_session(server.app_url("cases"), 5)
        assert await told(alone) == PRESENCE
        await alone.close()
