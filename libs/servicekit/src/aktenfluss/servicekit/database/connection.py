"""A connection to a database: how it speaks JSON, and how its loss is told."""

import asyncio

import asyncpg
import orjson

UNAVAILABLE = (
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,  # it shuts down, or starts and recovers, or a statement took too long
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    asyncpg.TooManyConnectionsError,
    asyncpg.DeadlockDetectedError,
    asyncpg.SerializationError,
    asyncpg.LockNotAvailableError,
    asyncpg.OutOfMemoryError,
    ConnectionError,
)
"""What goes away by itself: the caller may send the same request again."""

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


def heed_cancellation() -> None:
    """Raise CancelledError where the running task was asked to end.

    The driver hides the request where the connection is lost at that very moment: what comes out then is the loss. A
    loop that waits for the database to come back calls this first, or it would never end.
    """
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError
