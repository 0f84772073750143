"""Finds out whether another process of a service has the same `INSTANCE`: Kafka would give both the same share in turns."""

import asyncio

import structlog

from ..database.connection import UNAVAILABLE, Connection, heed_cancellation
from ..database.session import open_session
from .pulse import Pulse

LOCK_SPACE = 0x4147
"""First key of the advisory lock that is held for a name."""
TAKE = "SELECT pg_try_advisory_lock($1, hashtext($2))"
LOOK_SECONDS = 5.0
OVERLAP_SECONDS = 30.0
"""A process may still be ending while its successor begins."""

log = structlog.get_logger("instance")


class Namesakes:
    """Holds the name of this process in the database of its service, by a session of its own."""

    def __init__(self, dsn: str, service: str, name: str, pulse: Pulse) -> None:
        self._dsn = dsn
        self._service = service
        self._name = name
        self._pulse = pulse

    async def run(self) -> None:
        """Hold the name until cancelled; a lost database is waited for. Without a name nothing is done."""
        while self._name:
            try:
                connection = await open_session(self._dsn, LOOK_SECONDS)
                try:
                    await self._hold(connection)
                finally:
                    await connection.close(timeout=LOOK_SECONDS)
            except (*UNAVAILABLE, OSError):
                heed_cancellation()
                await asyncio.sleep(LOOK_SECONDS)

    async def _hold(self, connection: Connection) -> None:
        """Take the name, as soon as it is free, and keep the session until it is lost."""
        now = asyncio.get_running_loop().time
        begin = now()
        while True:
            # A session may take its lock again; who has it finds it held.
            held = await connection.fetchval(TAKE, LOCK_SPACE, self._name)
            self._tell(taken=not held and now() - begin > OVERLAP_SECONDS)
            await asyncio.sleep(LOOK_SECONDS)

    def _tell(self, *, taken: bool) -> None:
        if taken and not self._pulse.has_namesake:
            log.error("another process has this instance", service=self._service)
        self._pulse.has_namesake = taken
