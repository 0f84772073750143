"""All services behind their door, and requests to them as anybody."""

from dataclasses import dataclass, field

import httpx
from starlette.types import ASGIApp

from aktenfluss.gateway import service as gateway
from aktenfluss.kernel import Role
from aktenfluss.testkit import House, Running

SERVICES = ("audit", "cases", "documents", "scans")
OWN, FOREIGN = "offenbach", "frankfurt"


@dataclass
class Everybody:
    """Sends requests through the door of a house as any role of any authority."""

    house: House
    running: dict[str, Running]
    door: ASGIApp
    answers: list[httpx.Response] = field(default_factory=list)
    """Every answer, the oldest first."""

    @classmethod
    async def of(cls, house: House) -> "Everybody":
        """Start all services."""
        running = {name: await house.start(name) for name in SERVICES}
        door = gateway.build(running["audit"].resources, [one.service for one in running.values()])
        return cls(house, running, door)

    def apps(self) -> dict[str, ASGIApp]:
        """Return the app of each service, the gateway's own included."""
        front = gateway.front(self.running["audit"].resources, [one.service for one in self.running.values()])
        return {name: one.service.app for name, one in self.running.items()} | {"gateway": front}

    def client(self, role: Role, tenant: str = OWN) -> httpx.AsyncClient:
        """Return a client at the door."""
        transport = httpx.ASGITransport(app=self.door, raise_app_exceptions=False)
        return httpx.AsyncClient(transport=transport, base_url="http://test", headers=self.house.as_(role, tenant))

    async def send(
        self,
        method: str,
        path: str,
        role: Role | None = None,
        tenant: str = OWN,
        *,
        app: ASGIApp | None = None,
        **options,
    ) -> httpx.Response:
        """Send a request to the door, or to the `app` of one service."""
        headers = (self.house.as_(role, tenant) if role else {}) | options.pop("headers", {})
        transport = httpx.ASGITransport(app=app or self.door, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            answer = await client.request(method, path, headers=headers, **options)
        self.answers.append(answer)
        return answer

    async def made(self, method: str, path: str, role: Role, **options):
        """Return what a request that must succeed was answered with."""
        answer = await self.send(method, path, role, **options)
        assert answer.is_success, answer.text
        return answer.json() if answer.headers["content-type"] == "application/json" else answer.content
