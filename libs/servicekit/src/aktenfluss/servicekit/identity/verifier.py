"""Access tokens become principals: verified once, remembered for a minute at most."""

import hashlib
import re
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from aktenfluss.kernel import Clock, Principal, Role

from .compact import CompactToken, TokenRefusedError, parse
from .errors import UnauthenticatedError
from .keys import KeySource

SUBJECT = re.compile(r"[A-Za-z0-9._:-]{1,100}")
TENANT = re.compile(r"[a-z0-9-]{1,40}")
LEEWAY_SECONDS = 60
REMEMBER_SECONDS = 60
REMEMBER_TOKENS = 4096
KNOWN_ROLES = {role.value: role for role in Role}


@dataclass(frozen=True, slots=True)
class TrustedIssuer:
    """One issuer whose tokens count, and where its tokens keep tenant and roles (dots step into objects)."""

    issuer: str
    audience: str
    keys: KeySource
    tenant_claim: str = "tenant"
    roles_claim: str = "roles"


@dataclass(frozen=True, slots=True)
class VerifiedToken:
    """What a verified token says, and until when (Unix seconds) it may be believed unread."""

    subject: str
    tenant_id: str
    roles: frozenset[Role]
    until: float


class TokenVerifier:
    """Verifies access tokens of the trusted issuers with fixed algorithms.

    A signature costs about 200 µs, so a token seen within the last minute is recognised by its SHA-256.
    """

    def __init__(self, issuers: Sequence[TrustedIssuer], clock: Clock) -> None:
        self._issuers = {issuer.issuer: issuer for issuer in issuers}
        self._clock = clock
        self._seen: OrderedDict[bytes, VerifiedToken] = OrderedDict()

    async def verify(self, token: str, correlation_id: str = "") -> Principal:
        """Return the caller. Raises UnauthenticatedError, ServiceUnavailableError where the issuer's keys are missing."""
        digest = hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
        now = self._clock.now().timestamp()
        known = self._seen.get(digest)
        if known is None or known.until <= now:
            known = await self._verify(token, now)
            self._remember(digest, known)
        return Principal(known.subject, known.tenant_id, known.roles, correlation_id)

    async def _verify(self, text: str, now: float) -> VerifiedToken:
        try:
            token = parse(text)
            issuer = self._issuer_of(token)
            await require_signature(token, issuer.keys)
            until = require_time(token.claims, now)
            require_audience(token.claims, issuer.audience)
            return VerifiedToken(
                subject=matching(token.claims, "sub", SUBJECT),
                tenant_id=matching(token.claims, issuer.tenant_claim, TENANT),
                roles=roles_in(token.claims, issuer.roles_claim),
                until=min(until, now + REMEMBER_SECONDS),
            )
        except TokenRefusedError as exc:
            raise UnauthenticatedError(f"The access token is not valid: {exc}.") from exc

    def _issuer_of(self, token: CompactToken) -> TrustedIssuer:
        name = token.claims.get("iss")
        issuer = self._issuers.get(name) if isinstance(name, str) else None
        if issuer is None:
            raise TokenRefusedError("its issuer is not trusted")
        return issuer

    def _remember(self, digest: bytes, token: VerifiedToken) -> None:
        self._seen[digest] = token
        self._seen.move_to_end(digest)
        if len(self._seen) > REMEMBER_TOKENS:
            self._seen.popitem(last=False)


async def require_signature(token: CompactToken, keys: KeySource) -> None:
    key = await keys.find(token.key_id)
    if key is None:
        raise TokenRefusedError("its key is unknown")
    if not key.signed(token):
        raise TokenRefusedError("its signature is wrong")


def require_time(claims: Mapping[str, Any], now: float) -> float:
    """Return the instant at which the token ends."""
    expires, valid_from = instant(claims, "exp"), instant(claims, "nbf")
    if now >= expires + LEEWAY_SECONDS:
        raise TokenRefusedError("it has expired")
    if now < valid_from - LEEWAY_SECONDS:
        raise TokenRefusedError("it is not valid yet")
    return expires + LEEWAY_SECONDS


def instant(claims: Mapping[str, Any], name: str) -> float:
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1 << 40:
        raise TokenRefusedError(f"{name} is missing or not a time")
    return value


def require_audience(claims: Mapping[str, Any], audience: str) -> None:
    """One audience as text, or a list of them (RFC 7519, section 4.1.3)."""
    value = claims.get("aud")
    audiences = value if isinstance(value, list) else [value]
    if not all(isinstance(item, str) for item in audiences) or audience not in audiences:
        raise TokenRefusedError("it is meant for somebody else")


def matching(claims: Mapping[str, Any], name: str, pattern: re.Pattern[str]) -> str:
    value = claim(claims, name)
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise TokenRefusedError(f"{name} is missing or not in the form it must have")
    return value


def roles_in(claims: Mapping[str, Any], name: str) -> frozenset[Role]:
    """Return the roles that are ours; an identity provider knows others too."""
    value = claim(claims, name)
    if value is None:
        return frozenset()
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise TokenRefusedError(f"{name} is not a list of names")
    return frozenset(KNOWN_ROLES[item] for item in value if item in KNOWN_ROLES)


def claim(claims: Mapping[str, Any], path: str) -> Any:
    value: Any = claims
    for name in path.split("."):
        value = value.get(name) if isinstance(value, Mapping) else None
    return value
