"""Deletes what is old, batch by batch: all at once could take longer than a statement may."""

from .database import Database

BATCH = 10_000


async def purge(database: Database, statement: str, days: int) -> None:
    """Repeat `statement`, which deletes at most $2 rows that are older than $1 days, until it finds fewer.

    Raises ServiceUnavailableError where the database does not answer; the batches before are gone then.
    """
    deleted = BATCH
    while deleted == BATCH:
        async with database.session() as connection:
            status: str = await connection.execute(statement, days, BATCH)
        deleted = int(status.rpartition(" ")[2])
