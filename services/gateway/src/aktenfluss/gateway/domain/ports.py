"""What the gateway needs from outside."""

from typing import Protocol

from .api_description import OpenApi


class ApiDescriptions(Protocol):
    """Where the services' descriptions come from."""

    async def by_service(self) -> dict[str, OpenApi]:
        """Return the OpenAPI document of every service, by the service's word."""
        ...
