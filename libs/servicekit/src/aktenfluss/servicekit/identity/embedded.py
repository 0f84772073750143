"""The embedded issuer: signs tokens with a key of its own, for installations without an identity provider."""

from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from typing import Self

import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from aktenfluss.kernel import Clock, Role, new_id

from .key_bundle import KeyBundle
from .key_file import key_file
from .keys import VerificationKey
from .verifier import SUBJECT, TENANT, TrustedIssuer

ISSUER = "urn:aktenfluss:embedded"
AUDIENCE = "aktenfluss"
NAME_LENGTH = 32
"""So much of a thumbprint names a key in a token."""
SERVICE_TOKEN_LIFETIME = timedelta(minutes=10)


class EmbeddedIssuer:
    """Mints ES256 tokens and knows the keys that verify them; also the source of service tokens in one process."""

    def __init__(self, keys: KeyBundle, clock: Clock) -> None:
        self._private_key = keys.private_key
        self._clock = clock
        known = [VerificationKey.of(name[:NAME_LENGTH], key) for name, key in keys.public_keys.items()]
        self._keys = {key.key_id: key for key in known}
        self._headers = {"kid": known[0].key_id}
        self._service_tokens: dict[tuple[str, str], tuple[str, float]] = {}

    @classmethod
    def open(cls, folder: Path, clock: Clock) -> Self:
        """Return the issuer of `folder`, with the keys in `issuer.pem`; one is made there at the first start.

        Raises SettingsError where the file holds something else.
        """
        pem = key_file(folder / "issuer.pem", new_private_key)
        return cls(KeyBundle.of_pem(pem, "issuer.pem"), clock)

    @property
    def trusted(self) -> TrustedIssuer:
        """This issuer as the verifier wants it."""
        return TrustedIssuer(issuer=ISSUER, audience=AUDIENCE, keys=self)

    async def find(self, key_id: str) -> VerificationKey | None:
        """Implement KeySource."""
        return self._keys.get(key_id)

    @property
    def public_pem(self) -> str:
        """The key that verifies new tokens, for whoever checks them in front of the services."""
        return self.public_pems[0]

    @property
    def public_pems(self) -> list[str]:
        """All keys that verify tokens, in their order: that of new tokens first."""
        form = (Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        return [key.public_key.public_bytes(*form).decode() for key in self._keys.values()]

    def mint(self, subject: str, tenant: str, roles: Iterable[Role], lifetime: timedelta = timedelta(hours=1)) -> str:
        """Return a token. Raises ValueError where subject or tenant are not in the form that the verifier wants."""
        if not SUBJECT.fullmatch(subject):
            raise ValueError("a subject is an opaque identifier of letters, digits and . _ : - (up to 100)")
        if not TENANT.fullmatch(tenant):
            raise ValueError("a tenant is a word of a-z, 0-9 and - (up to 40)")
        now = int(self._clock.now().timestamp())
        claims = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": subject,
            "tenant": tenant,
            "roles": sorted(roles),
            "iat": now,
            "nbf": now,
            "exp": now + int(lifetime.total_seconds()),
            "jti": str(new_id()),
        }
        return jwt.encode(claims, self._private_key, algorithm="ES256", headers=self._headers)

    async def service_token(self, service: str, tenant_id: str) -> str:
        """Implement ServiceTokens: a token is used until a minute before its end."""
        now = self._clock.now().timestamp()
        token, until = self._service_tokens.get((service, tenant_id), ("", 0.0))
        if until <= now:
            token = self.mint(f"service:{service}", tenant_id, [Role.SERVICE], SERVICE_TOKEN_LIFETIME)
            until = now + SERVICE_TOKEN_LIFETIME.total_seconds() - 60
            self._service_tokens[service, tenant_id] = (token, until)
        return token


def new_private_key() -> bytes:
    """Return a new P-256 key in PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
