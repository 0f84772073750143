"""Good tokens become principals, and are believed for a minute at most."""

from collections.abc import Mapping
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from aktenfluss.kernel import Principal, Role
from aktenfluss.servicekit.identity import TokenVerifier, TrustedIssuer, UnauthenticatedError, VerificationKey
from aktenfluss.servicekit.identity import verifier as verifier_module
from aktenfluss.testkit import FixedClock


class CountingKeys:
    """The keys of an issuer, counting how often they are asked for."""

    def __init__(self, keys: Mapping[str, VerificationKey]) -> None:
        self.keys = keys
        self.asked = 0

    async def find(self, key_id: str) -> VerificationKey | None:
        self.asked += 1
        return self.keys.get(key_id)


async def test_token_becomes_a_principal(forge: Any, verifier: TokenVerifier) -> None:
    principal = await verifier.verify(forge.token(), "request-1")
    assert principal == Principal("clerk:1", "offenbach", frozenset({Role.CLERK}), "request-1")


async def test_token_without_roles_may_nothing(forge: Any, verifier: TokenVerifier) -> None:
    assert (await verifier.verify(forge.token(claims=forge.claims(roles=None)))).roles == frozenset()


@pytest.mark.parametrize("audience", ["aktenfluss", ["account", "aktenfluss"]])
async def test_audience_may_be_one_of_several(forge: Any, verifier: TokenVerifier, audience: Any) -> None:
    await verifier.verify(forge.token(claims=forge.claims(aud=audience)))


@pytest.mark.parametrize(("claim", "seconds"), [("exp", -59), ("nbf", 60)])
async def test_clocks_may_differ_by_a_minute(forge: Any, verifier: TokenVerifier, claim: str, seconds: int) -> None:
    now = int(forge.clock.now().timestamp())
    await verifier.verify(forge.token(claims=forge.claims(**{claim: now + seconds})))


async def test_kind_of_token_may_be_named_or_not(forge: Any, verifier: TokenVerifier) -> None:
    for kind in (None, "JWT", "jwt", "at+jwt"):
        await verifier.verify(forge.token(header=forge.header(typ=kind)))


async def test_token_is_verified_once_a_minute(forge: Any, clock: FixedClock) -> None:
    keys = CountingKeys({forge.key_id: forge.issuer._keys[forge.key_id]})
    verifier = TokenVerifier([TrustedIssuer("urn:aktenfluss:embedded", "aktenfluss", keys)], clock)
    token = forge.token()
    for correlation_id in ("a", "b"):
        assert (await verifier.verify(token, correlation_id)).correlation_id == correlation_id
    assert keys.asked == 1
    clock.advance(seconds=60)
    await verifier.verify(token)
    assert keys.asked == 2


async def test_remembered_token_ends_when_it_expires(forge: Any, verifier: TokenVerifier, clock: FixedClock) -> None:
    token = forge.token(claims=forge.claims(exp=int(clock.now().timestamp()) - 50))
    await verifier.verify(token)
    clock.advance(seconds=10)
    with pytest.raises(UnauthenticatedError, match="expired"):
        await verifier.verify(token)


async def test_memory_for_tokens_is_bounded(forge: Any, verifier: TokenVerifier) -> None:
    for number in range(20):
        verifier._remember(str(number).encode(), verifier_module.VerifiedToken("s", "t", frozenset(), 0))
    many = verifier_module.REMEMBER_TOKENS
    for number in range(many):
        verifier._remember(f"new {number}".encode(), verifier_module.VerifiedToken("s", "t", frozenset(), 0))
    assert len(verifier._seen) == many
    assert b"0" not in verifier._seen


async def test_issuer_may_keep_tenant_and_roles_elsewhere(forge: Any, clock: FixedClock) -> None:
    keys = CountingKeys({forge.key_id: forge.issuer._keys[forge.key_id]})
    issuer = TrustedIssuer("https://id.example", "desk", keys, "authority.id", "realm_access.roles")
    claims = {"authority": {"id": "hanau"}, "realm_access": {"roles": ["auditor"]}, "tenant": None, "roles": None}
    token = forge.token(claims=forge.claims(iss="https://id.example", aud="desk", **claims))
    principal = await TokenVerifier([forge.issuer.trusted, issuer], clock).verify(token)
    assert (principal.tenant_id, principal.roles) == ("hanau", {Role.AUDITOR})


async def test_key_of_one_issuer_signs_nothing_for_another(forge: Any, clock: FixedClock) -> None:
    other = TrustedIssuer("https://id.example", "aktenfluss", CountingKeys({}))
    token = forge.token(claims=forge.claims(iss="https://id.example"))
    with pytest.raises(UnauthenticatedError, match="its key is unknown"):
        await TokenVerifier([forge.issuer.trusted, other], clock).verify(token)


@pytest.mark.parametrize(
    ("private_key", "algorithm"),
    [
        (ec.generate_private_key(ec.SECP256R1()), "ES256"),
        (rsa.generate_private_key(65537, 2048), "RS256"),
        (ed25519.Ed25519PrivateKey.generate(), "EdDSA"),
    ],
)
def test_type_of_a_key_decides_its_algorithm(private_key: Any, algorithm: str) -> None:
    assert VerificationKey.of("key", private_key.public_key()).algorithm == algorithm


@pytest.mark.parametrize(
    "key",
    [ec.generate_private_key(ec.SECP384R1()).public_key(), rsa.generate_private_key(65537, 1024).public_key(), b"key"],
    ids=["P-384", "short RSA", "no key"],
)
def test_other_keys_are_no_keys(key: Any) -> None:
    with pytest.raises(ValueError, match="only P-256"):
        VerificationKey.of("key", key)
