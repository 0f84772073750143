"""HAProxy with the configuration that the product ships, in front of any services."""

from collections.abc import Mapping
from pathlib import Path

import httpx
from tools.servers import HAProxy, free_port

CONFIGURATION = Path(__file__).resolve().parents[2] / "docker" / "haproxy.cfg"
SERVICES = ("documents", "cases", "scans", "audit", "gateway")


class PublicDoor(HAProxy):
    """The door; not started by itself."""

    @classmethod
    def to(cls, folder: Path, public_key: str, addresses: Mapping[str, str], **settings: str) -> "PublicDoor":
        """Return the door to the services at `addresses`; `settings` are further variables of its configuration."""
        port = free_port()
        key = folder / "issuer.pub"
        key.write_text(public_key)
        environment = {
            "DOOR_LISTEN": f"127.0.0.1:{port}",
            "DOOR_PUBLIC_KEY": str(key),
            **{f"DOOR_{name.upper().replace('-', '_')}": address for name, address in addresses.items()},
            **settings,
        }
        return cls(folder, CONFIGURATION, environment, port)

    def like(self, folder: Path, **settings: str) -> "PublicDoor":
        """Return another door to the same services, with further settings."""
        port = free_port()
        return PublicDoor(
            folder, CONFIGURATION, {**self.environment(), "DOOR_LISTEN": f"127.0.0.1:{port}", **settings}, port
        )

    @property
    def url(self) -> str:
        scheme = "https" if "DOOR_CERTIFICATE" in self.environment() else "http"
        return f"{scheme}://127.0.0.1:{self.port}"

    def is_serving(self) -> bool:
        return super().is_serving() and self.ready()

    def ready(self) -> bool:
        """Tell whether the door has a server of every service."""
        try:
            return httpx.get(f"{self.url}/ready", timeout=5, verify=False).status_code == 200
        except httpx.TransportError:
            return False
