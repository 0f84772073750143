"""The descriptions of services that run elsewhere, asked over HTTP."""

import time
from collections.abc import Collection

from aktenfluss.servicekit import Peers, ServiceUnavailableError

from ..domain.api_description import OpenApi
from ..domain.ports import ApiDescriptions

FRESH_SECONDS = 60.0
"""How long an answer counts; a service changes its description when it is upgraded."""
PATH = "/openapi.json"


class PeerDescriptions:
    """Answers `ApiDescriptions` from the services themselves; what was told once outlives an absence."""

    def __init__(
        self, peers: Peers, names: Collection[str], own: ApiDescriptions, *, fresh_seconds: float = FRESH_SECONDS
    ) -> None:
        """Tell of the services `names`, and of `own`."""
        self._peers = peers
        self._names = names
        self._own = own
        self._fresh_seconds = fresh_seconds
        self._known: dict[str, OpenApi] = {}
        self._read_at: dict[str, float] = {}

    async def by_service(self) -> dict[str, OpenApi]:
        """Return what each service says of itself, or said last.

        Raises ServiceUnavailableError where one has never answered: without it the answer would be wrong.
        """
        return {name: await self._of(name) for name in self._names} | await self._own.by_service()

    async def _of(self, name: str) -> OpenApi:
        if time.monotonic() - self._read_at.get(name, -self._fresh_seconds) < self._fresh_seconds:
            return self._known[name]
        try:
            self._known[name] = await self._peers.read_public(name, PATH)
        except ServiceUnavailableError:
            if name not in self._known:
                raise
        self._read_at[name] = time.monotonic()
        return self._known[name]
