"""The certificate of the door runs out and is replaced; no pod is started anew for it."""

import ssl
from datetime import UTC, datetime

import httpx
import pytest

from .installation import HOSTNAME, SECURE_DOOR, Installation
from .waiting import wait_for

pytestmark = pytest.mark.kubernetes
LONG_AGO = datetime(2021, 1, 1, tzinfo=UTC)


@pytest.fixture
def ask(installation: Installation):
    """Ask the door over TLS as a browser does; return the status, or why there is none."""
    trust = ssl.create_default_context(cafile=installation.authority.certificate)

    def ask() -> str:
        with httpx.Client(verify=trust, headers={"Host": HOSTNAME}, timeout=5) as client:
            try:
                return str(client.get(f"{SECURE_DOOR}/ready", extensions={"sni_hostname": HOSTNAME}).status_code)
            except httpx.TransportError as exc:
                return str(exc)

    return ask


def test_an_expired_certificate_is_refused_until_it_is_replaced(installation: Installation, ask) -> None:
    wait_for("TLS", lambda: ask() == "200")
    before = installation.pods.uids()

    expired = installation.authority.issue("expired", HOSTNAME, places=(HOSTNAME,), until=LONG_AGO)
    installation.apply_certificate(expired)
    wait_for("a refusal", lambda: "certificate has expired" in ask())

    installation.apply_certificate(installation.authority.issue("renewed", HOSTNAME, places=(HOSTNAME,)))
    wait_for("TLS again", lambda: ask() == "200")
    assert installation.pods.uids() == before
