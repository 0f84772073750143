"""What an operator may set for the public door, and what in it must agree with the services."""

import asyncio
import os
import ssl
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from scripts.reference.openapi_documents import built_services
from tools.servers import HAProxy
from tools.servers.kafka.certificate import make_certificate

from aktenfluss.documents.settings import DocumentsSettings
from aktenfluss.kernel import Role, SystemClock
from aktenfluss.servicekit import EmbeddedIssuer
from aktenfluss.testkit import PATIENCE_SECONDS

from .haproxy import CONFIGURATION, PublicDoor
from .refusals import bearer

pytestmark = pytest.mark.servers


def test_the_configuration_has_no_warning(door: PublicDoor) -> None:
    checked = subprocess.run(
        [HAProxy.build(), "-c", "-f", CONFIGURATION],
        env=os.environ | door.environment(),
        capture_output=True,
        text=True,
        check=False,
    )

    assert (checked.returncode, checked.stderr) == (0, ""), checked.stderr


@pytest.fixture(scope="module")
def prefixes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Give the service of each prefix."""
    services = built_services(tmp_path_factory.mktemp("keys"))
    return {prefix: service.name for service in services for prefix in service.prefixes}


async def test_every_prefix_leads_to_the_service_that_has_it(
    prefixes: dict[str, str], contractor: httpx.AsyncClient
) -> None:
    answers = {prefix: await contractor.get(f"{prefix}/x") for prefix in prefixes}

    assert {prefix: answer.json()["service"].removesuffix("-2") for prefix, answer in answers.items()} == prefixes


def test_the_largest_content_is_that_of_documents() -> None:
    largest = DocumentsSettings(_env_file=None).content_limit_bytes

    assert f"presetenv DOOR_CONTENT_LIMIT   {largest}\n" in CONFIGURATION.read_text()


@pytest.fixture
def second(tmp_path: Path) -> EmbeddedIssuer:
    """Give the issuer as it signs with its next key."""
    return EmbeddedIssuer.open(tmp_path / "second", SystemClock())


@pytest.fixture
async def locked(tmp_path: Path, door: PublicDoor, second: EmbeddedIssuer) -> AsyncIterator[httpx.AsyncClient]:
    """Give a client at a door that speaks TLS and takes tokens of two keys."""
    (tmp_path / "second.pub").write_text(second.public_pem)
    make_certificate(tmp_path / "door.pem", tmp_path / "authority.pem")
    further = {"DOOR_CERTIFICATE": str(tmp_path / "door.pem"), "DOOR_SECOND_PUBLIC_KEY": str(tmp_path / "second.pub")}
    other = door.like(tmp_path / "locked", **further)
    await asyncio.to_thread(other.start_again)
    trust = ssl.create_default_context(cafile=tmp_path / "authority.pem")
    async with httpx.AsyncClient(base_url=other.url, verify=trust, timeout=PATIENCE_SECONDS) as client:
        yield client
    await asyncio.to_thread(other.stop)


async def test_two_keys_count_while_the_issuer_exchanges_them(
    locked: httpx.AsyncClient, issuer: EmbeddedIssuer, second: EmbeddedIssuer, tmp_path: Path
) -> None:
    third = EmbeddedIssuer.open(tmp_path / "third", SystemClock())

    answers = [
        await locked.get("/v1/case-files", headers=bearer(whose, Role.CLERK)) for whose in (issuer, second, third)
    ]

    assert [answer.status_code for answer in answers] == [200, 200, 401]
    assert {answer.headers["strict-transport-security"] for answer in answers} == {"max-age=31536000"}
