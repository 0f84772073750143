"""The embedded issuer keeps one key, to itself."""

import stat
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from aktenfluss.kernel import Role
from aktenfluss.servicekit.identity import EmbeddedIssuer, TokenVerifier, UnauthenticatedError, key_file
from aktenfluss.servicekit.identity.key_file import KeyFileOpenError, create, is_open
from aktenfluss.testkit import FixedClock


async def test_token_of_one_start_is_good_after_the_next(tmp_path: Path, clock: FixedClock) -> None:
    token = EmbeddedIssuer.open(tmp_path / "keys", clock).mint("clerk:1", "offenbach", [Role.CLERK])
    verifier = TokenVerifier([EmbeddedIssuer.open(tmp_path / "keys", clock).trusted], clock)
    principal = await verifier.verify(token)
    assert (principal.subject, principal.roles) == ("clerk:1", {Role.CLERK})


async def test_token_ends_with_its_lifetime(tmp_path: Path, clock: FixedClock) -> None:
    issuer = EmbeddedIssuer.open(tmp_path, clock)
    token = issuer.mint("clerk:1", "offenbach", [Role.CLERK], timedelta(minutes=5))
    clock.advance(seconds=360)
    with pytest.raises(UnauthenticatedError, match="expired"):
        await TokenVerifier([issuer.trusted], clock).verify(token)


@pytest.mark.parametrize(
    ("subject", "tenant"), [("Erika Mustermann", "offenbach"), ("", "offenbach"), ("clerk:1", "Offenbach")]
)
def test_token_that_would_not_be_accepted_is_not_minted(
    tmp_path: Path, clock: FixedClock, subject: str, tenant: str
) -> None:
    with pytest.raises(ValueError, match=r"a subject is|a tenant is"):
        EmbeddedIssuer.open(tmp_path, clock).mint(subject, tenant, [Role.CLERK])


async def test_service_token_is_minted_once_per_tenant_until_it_ends(tmp_path: Path, clock: FixedClock) -> None:
    issuer = EmbeddedIssuer.open(tmp_path, clock)
    token = await issuer.service_token("scans", "offenbach")
    assert await issuer.service_token("scans", "offenbach") == token
    assert await issuer.service_token("scans", "hanau") != token
    principal = await TokenVerifier([issuer.trusted], clock).verify(token)
    assert (principal.subject, principal.roles) == ("service:scans", {Role.SERVICE})
    clock.advance(seconds=540)
    assert await issuer.service_token("scans", "offenbach") != token


def test_key_is_for_its_owner_only(tmp_path: Path, clock: FixedClock) -> None:
    EmbeddedIssuer.open(tmp_path / "keys", clock)
    assert stat.S_IMODE((tmp_path / "keys" / "issuer.pem").stat().st_mode) == 0o600
    assert [path.name for path in (tmp_path / "keys").iterdir()] == ["issuer.pem"]


def test_key_that_others_can_read_is_not_used(tmp_path: Path) -> None:
    key_file(tmp_path / "secret")
    (tmp_path / "secret").chmod(0o640)
    with pytest.raises(KeyFileOpenError, match="chmod 600"):
        key_file(tmp_path / "secret")


@pytest.mark.parametrize(
    ("mode", "owner", "others_can_read"),
    [
        (0o600, 10001, False),
        (0o440, 0, False),  # a Secret that Kubernetes mounts for the group of the process
        (0o460, 0, True),
        (0o444, 0, True),
        (0o440, 10001, True),
        (0o440, 10002, True),
    ],
)
def test_key_that_root_hands_over_is_for_the_group_as_well(mode: int, owner: int, others_can_read: bool) -> None:
    assert is_open(mode, owner, user=10001) is others_can_read


def test_key_of_root_is_for_root_only() -> None:
    assert is_open(0o440, owner=0, user=0)


def test_first_of_two_starts_decides_the_key(tmp_path: Path) -> None:
    create(tmp_path / "secret", b"first")
    create(tmp_path / "secret", b"second")
    assert key_file(tmp_path / "secret") == b"first"
    assert len(list(tmp_path.iterdir())) == 1


def test_key_of_another_kind_is_not_used(tmp_path: Path, clock: FixedClock) -> None:
    pem = ed25519.Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    create(tmp_path / "issuer.pem", pem)
    with pytest.raises(TypeError, match="elliptic-curve"):
        EmbeddedIssuer.open(tmp_path, clock)
