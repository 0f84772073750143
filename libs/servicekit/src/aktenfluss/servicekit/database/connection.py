"""The type of a database connection, and how one speaks JSON."""

import asyncpg
import orjson

type Connection = asyncpg.Connection[asyncpg.Record]


async def set_codecs(connection: Connection) -> None:
    """Make jsonb a Python object on both ways; the leading byte is the version of jsonb's binary format."""
    await connection.set_type_codec(
        "jsonb",
        schema="pg_catalog",
        format="binary",
        encoder=lambda value: b"\x01" + orjson.dumps(value),
        decoder=lambda value: orjson.loads(value[1:]),
    )
