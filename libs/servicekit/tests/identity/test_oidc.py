"""Keys of an OpenID Connect provider, from a provider that really answers."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from aktenfluss.kernel import Role
from aktenfluss.servicekit import ServiceUnavailableError, SettingsError
from aktenfluss.servicekit.identity import OidcIssuer, TokenVerifier, UnauthenticatedError
from aktenfluss.testkit import FixedClock

ISSUER = "https://id.example/realms/offenbach"
EC_KEY = ec.generate_private_key(ec.SECP256R1())
RSA_KEY = rsa.generate_private_key(65537, 2048)
ED_KEY = ed25519.Ed25519PrivateKey.generate()


def jwk(name: str, text: Any, **changes: Any) -> dict[str, Any]:
    return {**text, "kid": name, "use": "sig", **changes}


class Provider:
    """A small identity provider: discovery and keys, and what may be wrong with them."""

    def __init__(self) -> None:
        self.asked = 0
        self.status = 200
        self.configuration: Any = {"issuer": ISSUER, "jwks_uri": f"{ISSUER}/keys"}
        self.keys: Any = {"keys": [jwk("ec", ECAlgorithm.to_jwk(EC_KEY.public_key(), as_dict=True))]}

    @property
    def app(self) -> Starlette:
        path = "/realms/offenbach"
        return Starlette(
            routes=[
                Route(f"{path}/.well-known/openid-configuration", self.discover),
                Route(f"{path}/keys", self.list_keys),
            ]
        )

    async def discover(self, _: Request) -> Response:
        self.asked += 1
        return JSONResponse(self.configuration, self.status)

    async def list_keys(self, _: Request) -> Response:
        return JSONResponse(self.keys)


@pytest.fixture
def provider() -> Provider:
    return Provider()


@pytest.fixture
async def issuer(provider: Provider, clock: FixedClock) -> AsyncIterator[OidcIssuer]:
    issuer = OidcIssuer(ISSUER, clock, httpx.AsyncClient(transport=httpx.ASGITransport(provider.app)))
    yield issuer
    await issuer.close()


@pytest.fixture
def verifier(issuer: OidcIssuer, clock: FixedClock) -> TokenVerifier:
    return TokenVerifier([issuer.trusted(audience="aktenfluss", roles_claim="realm_access.roles")], clock)


def token(clock: FixedClock, key: Any, algorithm: str, name: str) -> str:
    now = int(clock.now().timestamp())
    claims = {
        "iss": ISSUER,
        "aud": ["account", "aktenfluss"],
        "sub": "f3a1",
        "tenant": "offenbach",
        "realm_access": {"roles": ["offline_access", "clerk"]},
        "nbf": now,
        "exp": now + 300,
    }
    return jwt.encode(claims, key, algorithm, headers={"kid": name})


@pytest.mark.parametrize(
    ("key", "algorithm", "implementation"),
    [(EC_KEY, "ES256", ECAlgorithm), (RSA_KEY, "RS256", RSAAlgorithm), (ED_KEY, "EdDSA", OKPAlgorithm)],
)
async def test_token_of_the_provider_is_good(
    provider: Provider, verifier: TokenVerifier, clock: FixedClock, key: Any, algorithm: str, implementation: Any
) -> None:
    provider.keys = {"keys": [jwk("k", implementation.to_jwk(key.public_key(), as_dict=True))]}
    principal = await verifier.verify(token(clock, key, algorithm, "k"))
    assert (principal.subject, principal.roles) == ("f3a1", {Role.CLERK})


async def test_new_key_is_fetched_but_not_more_than_once_a_minute(
    provider: Provider, issuer: OidcIssuer, clock: FixedClock
) -> None:
    assert await issuer.find("ec") is not None
    provider.keys["keys"].append(jwk("new", ECAlgorithm.to_jwk(EC_KEY.public_key(), as_dict=True)))
    assert [await issuer.find(name) for name in ("new", "forged", "forged2")] == [None, None, None]
    assert provider.asked == 1
    clock.advance(seconds=60)
    assert await issuer.find("new") is not None
    assert provider.asked == 2


async def test_many_at_once_ask_once(provider: Provider, issuer: OidcIssuer) -> None:
    keys = await asyncio.gather(*(issuer.find("ec") for _ in range(5)))
    assert None not in keys
    assert provider.asked == 1


async def test_keys_are_asked_for_again_after_an_hour(
    provider: Provider, issuer: OidcIssuer, clock: FixedClock
) -> None:
    await issuer.find("ec")
    provider.keys = {"keys": [jwk("next", ECAlgorithm.to_jwk(EC_KEY.public_key(), as_dict=True))]}
    clock.advance(seconds=3599)
    assert await issuer.find("ec") is not None
    clock.advance(seconds=1)
    assert await issuer.find("ec") is None


async def test_known_keys_outlive_an_outage(provider: Provider, issuer: OidcIssuer, clock: FixedClock) -> None:
    await issuer.find("ec")
    provider.status = 503
    clock.advance(seconds=7200)
    assert await issuer.find("ec") is not None


@pytest.mark.parametrize(
    "configuration",
    [
        {"issuer": "https://evil.example", "jwks_uri": f"{ISSUER}/keys"},
        {"issuer": ISSUER},
        {"issuer": ISSUER, "jwks_uri": "http://id.example/realms/offenbach/keys"},
        ["no object"],
        {"issuer": ISSUER, "jwks_uri": f"{ISSUER}/keys", "filler": "x" * 300_000},
    ],
    ids=["other issuer", "no keys", "no TLS", "no object", "huge"],
)
async def test_provider_that_is_not_itself_gives_no_keys(
    provider: Provider, issuer: OidcIssuer, configuration: Any
) -> None:
    provider.configuration = configuration
    for _ in range(3):
        with pytest.raises(ServiceUnavailableError):
            await issuer.find("ec")
    assert provider.asked == 1


@pytest.mark.parametrize(
    "item",
    [
        jwk("k", ECAlgorithm.to_jwk(EC_KEY.public_key(), as_dict=True), use="enc"),
        jwk("k", ECAlgorithm.to_jwk(EC_KEY.public_key(), as_dict=True), alg="RS256"),
        jwk("k", ECAlgorithm.to_jwk(EC_KEY, as_dict=True)),
        jwk("k", ECAlgorithm.to_jwk(EC_KEY.public_key(), as_dict=True), kid=7),
        {"kty": "oct", "k": "c2VjcmV0", "kid": "k"},
        {"kty": "EC", "kid": "k"},
        {"kid": "k"},
        "k",
    ],
    ids=["for encryption", "other algorithm", "private", "kid is a number", "symmetric", "cut", "no type", "no key"],
)
async def test_key_that_does_not_sign_is_passed_over(
    provider: Provider, verifier: TokenVerifier, clock: FixedClock, item: Any
) -> None:
    provider.keys["keys"].append(item)
    with pytest.raises(UnauthenticatedError, match="its key is unknown"):
        await verifier.verify(token(clock, EC_KEY, "ES256", "k"))


async def test_provider_is_reached_through_tls_only(clock: FixedClock) -> None:
    with pytest.raises(SettingsError, match=r"AUTH_ISSUER: .* https"):
        OidcIssuer("http://id.example", clock)
    await OidcIssuer("http://127.0.0.1:8081/realms/test", clock).close()
