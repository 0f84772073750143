"""A session outside of the pools, for what holds locks of the server for as long as it lives."""

import asyncpg

from .connection import Connection
from .limits import PRESENCE


async def open_session(dsn: str, answer_seconds: float) -> Connection:
    """Return a session in which the driver waits so long for each answer; raises what asyncpg does."""
    connection: Connection = await asyncpg.connect(dsn, command_timeout=answer_seconds, server_settings=PRESENCE)
    return connection
