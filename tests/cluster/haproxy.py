"""HAProxy with the configuration that the product ships, in front of any services."""

import shutil
from collections.abc import Mapping
from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

from .process import Process

ROOT = Path(__file__).resolve().parents[2]
CONFIGURATION = ROOT / "docker" / "haproxy.cfg"
SERVICES = ("documents", "cases", "scans", "audit", "gateway")


def haproxy(folder: Path, public_key: Path, addresses: Mapping[str, str], **settings: str) -> Process:
    """Return the door to the services at `addresses`, not yet started; `settings` are further variables of it."""
    door = Process(folder, "door", [program(), "-db", "-f", str(CONFIGURATION)])
    door.settings = {
        "DOOR_LISTEN": door.address,
        "DOOR_PUBLIC_KEY": str(public_key),
        **{f"DOOR_{name.upper().replace('-', '_')}": address for name, address in addresses.items()},
        **settings,
    }
    return door


def program() -> str:
    """Return the path of HAProxy; Debian keeps it among the programs of root."""
    found = shutil.which("haproxy", path="/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin")
    assert found, "HAProxy is not installed"
    return found


def export_public_key(private_key: Path, target: Path) -> Path:
    """Write the public half of a key in PEM and return where."""
    public_key = load_pem_private_key(private_key.read_bytes(), password=None).public_key()
    target.write_bytes(public_key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    return target
