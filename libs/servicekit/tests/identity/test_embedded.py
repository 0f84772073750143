"""The embedded issuer keeps its keys to itself, and changes from one to the next unnoticed."""

import stat
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from aktenfluss.kernel import Role
from aktenfluss.servicekit import SettingsError
from aktenfluss.servicekit.identity import EmbeddedIssuer, TokenVerifier, UnauthenticatedError, key_file
from aktenfluss.servicekit.identity.embedded import new_private_key
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


def write_keys(folder: Path, *pems: bytes) -> Path:
    """Give the issuer of `folder` these keys, in this order."""
    file = folder / "issuer.pem"
    file.unlink(missing_ok=True)
    create(file, b"".join(pems))
    return folder


async def subject_of(token: str, folder: Path, clock: FixedClock) -> str:
    """Return whose token it is, as a process tells that has just started in `folder`."""
    return (await TokenVerifier([EmbeddedIssuer.open(folder, clock).trusted], clock).verify(token)).subject


async def test_processes_on_both_sides_of_a_step_accept_each_others_tokens(tmp_path: Path, clock: FixedClock) -> None:
    old, new = new_private_key(), new_private_key()
    steps = [(old,), (old, new), (new, old), (new,)]
    folders = [write_keys(tmp_path / str(number), *keys) for number, keys in enumerate(steps)]
    for one, next_one in pairwise(folders):
        for signs, verifies in ((one, next_one), (next_one, one)):
            token = EmbeddedIssuer.open(signs, clock).mint("clerk:1", "offenbach", [Role.CLERK])
            assert await subject_of(token, verifies, clock) == "clerk:1"


async def test_a_token_of_a_key_that_was_taken_away_is_refused(tmp_path: Path, clock: FixedClock) -> None:
    old, new = new_private_key(), new_private_key()
    token = EmbeddedIssuer.open(write_keys(tmp_path, old, new), clock).mint("clerk:1", "offenbach", [Role.CLERK])
    assert await subject_of(token, write_keys(tmp_path, new, old), clock) == "clerk:1"
    with pytest.raises(UnauthenticatedError, match="its key is unknown"):
        await subject_of(token, write_keys(tmp_path, new), clock)


def test_the_first_key_signs(tmp_path: Path, clock: FixedClock) -> None:
    first, second = new_private_key(), new_private_key()
    issuer = EmbeddedIssuer.open(write_keys(tmp_path, first, second), clock)
    token = issuer.mint("clerk:1", "offenbach", [Role.CLERK])
    alone = [EmbeddedIssuer.open(write_keys(tmp_path, key), clock).public_pem for key in (first, second)]
    assert issuer.public_pems == alone
    options = {"verify_exp": False, "verify_nbf": False, "verify_iat": False}
    assert jwt.decode(token, alone[0], algorithms=["ES256"], audience="aktenfluss", options=options)


def test_key_of_another_kind_is_not_used(tmp_path: Path, clock: FixedClock) -> None:
    pem = ed25519.Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    create(tmp_path / "issuer.pem", pem)
    with pytest.raises(SettingsError, match=r"issuer\.pem: .*P-256"):
        EmbeddedIssuer.open(tmp_path, clock)
