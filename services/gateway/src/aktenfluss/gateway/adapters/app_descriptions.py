"""The descriptions of services that run in the same process, asked of their apps."""

from collections.abc import Mapping

from fastapi import FastAPI

from ..domain.api_description import OpenApi


class AppDescriptions:
    """Answers `ApiDescriptions` from the apps themselves."""

    def __init__(self, apps: Mapping[str, FastAPI]) -> None:
        self._apps = dict(apps)

    async def by_service(self) -> dict[str, OpenApi]:
        """Return what each app says of itself; apps keep it once it is made."""
        return {service: app.openapi() for service, app in self._apps.items()}
