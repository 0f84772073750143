"""Describe the whole API as if it were one service."""

from dataclasses import dataclass

from ..domain.api_description import OpenApi, collections, merge
from ..domain.ports import ApiDescriptions


@dataclass(frozen=True, slots=True)
class DescribeApi:
    """Tells what can be called."""

    descriptions: ApiDescriptions

    async def __call__(self) -> OpenApi:
        """Return one OpenAPI document for all services."""
        return merge(await self.descriptions.by_service())

    async def collections(self) -> dict[str, list[str]]:
        """Return the paths of the collections of each service."""
        descriptions = await self.descriptions.by_service()
        return {service: collections(description) for service, description in sorted(descriptions.items())}
