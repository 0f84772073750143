"""The authority's OpenID Connect provider: its keys, found by discovery and kept."""

import asyncio
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

import httpx
from jwt import PyJWK
from jwt.exceptions import PyJWKError, PyJWTError

from aktenfluss.kernel import Clock

from ..errors import ServiceUnavailableError, SettingsError
from .keys import VerificationKey
from .verifier import TrustedIssuer

MAX_AGE_SECONDS = 3600
COOL_DOWN_SECONDS = 60
TIMEOUT = httpx.Timeout(5.0)
MAX_DOCUMENT_BYTES = 256 * 1024
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class ProviderError(ValueError):
    """The provider answers, but not as one whose keys could be trusted."""


class OidcIssuer:
    """Knows the keys of an OpenID Connect provider (OpenID Connect Discovery 1.0).

    Keys are asked for again after an hour, and for an unknown name, but at most once a minute: a flood of forged
    tokens costs the provider nothing. Keys once known stay in use while the provider does not answer.
    """

    def __init__(self, issuer: str, clock: Clock, client: httpx.AsyncClient | None = None) -> None:
        """Raise SettingsError for an address whose answers could be forged on the way."""
        if not is_secure(issuer):
            raise SettingsError("AUTH_ISSUER: an identity provider is reached through https")
        self._issuer = issuer
        self._clock = clock
        self._client = client or httpx.AsyncClient(timeout=TIMEOUT, follow_redirects=False)
        self._keys: dict[str, VerificationKey] = {}
        self._asked_at = float("-inf")
        self._asking = asyncio.Lock()

    def trusted(self, *, audience: str, tenant_claim: str = "tenant", roles_claim: str = "roles") -> TrustedIssuer:
        """Return this issuer as the verifier wants it; dots in a claim's name step into objects."""
        return TrustedIssuer(self._issuer, audience, self, tenant_claim, roles_claim)

    async def close(self) -> None:
        await self._client.aclose()

    async def find(self, key_id: str) -> VerificationKey | None:
        """Implement KeySource. Raises ServiceUnavailableError while no keys are known at all."""
        if self._may_ask(key_id):
            async with self._asking:
                if self._may_ask(key_id):
                    await self._ask()
        if not self._keys:
            raise ServiceUnavailableError("The identity provider does not answer.")
        return self._keys.get(key_id)

    def _may_ask(self, key_id: str) -> bool:
        age = self._clock.now().timestamp() - self._asked_at
        return age >= (COOL_DOWN_SECONDS if key_id not in self._keys else MAX_AGE_SECONDS)

    async def _ask(self) -> None:
        """Replace the keys; where that fails, those of before stay."""
        self._asked_at = self._clock.now().timestamp()
        with suppress(httpx.HTTPError, ValueError):
            self._keys = await self._fetch()

    async def fetch(self) -> dict[str, VerificationKey]:
        """Return the keys that the provider publishes now; raises ServiceUnavailableError with what is wrong with it."""
        try:
            return await self._fetch()
        except (httpx.HTTPError, ValueError) as exc:
            raise ServiceUnavailableError(f"the identity provider: {exc or type(exc).__name__}") from exc

    async def _fetch(self) -> dict[str, VerificationKey]:
        configuration = await self._document(f"{self._issuer.rstrip('/')}/.well-known/openid-configuration")
        address = configuration.get("jwks_uri")
        if configuration.get("issuer") != self._issuer or not isinstance(address, str):
            raise ProviderError("it describes another issuer")
        if not is_secure(address):
            raise ProviderError("its keys are not reached through https")
        keys = (await self._document(address)).get("keys")
        return {key.key_id: key for item in keys or [] if (key := signing_key(item)) is not None}

    async def _document(self, address: str) -> dict[str, Any]:
        response = await self._client.get(address)
        response.raise_for_status()
        if len(response.content) > MAX_DOCUMENT_BYTES:
            raise ProviderError("its document is too large")
        document = response.json()
        if not isinstance(document, dict):
            raise ProviderError("its document is not an object")
        return document


def signing_key(item: Any) -> VerificationKey | None:
    """Return a key of a JWK set, or None for one that does not sign tokens for us: others are the provider's affair."""
    if not isinstance(item, dict) or item.get("use", "sig") != "sig" or not isinstance(item.get("kid"), str):
        return None
    try:
        key = VerificationKey.of(item["kid"], PyJWK(item).key)
    except (PyJWKError, PyJWTError, ValueError):
        return None
    return key if item.get("alg", key.algorithm) == key.algorithm else None


def is_secure(address: str) -> bool:
    """Return whether answers from the address cannot be forged on the way."""
    parts = urlsplit(address)
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)
