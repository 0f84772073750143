"""An issuer with a known key, and tokens of any shape signed by any key."""

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from aktenfluss.servicekit.identity import EmbeddedIssuer, KeyBundle, TokenVerifier
from aktenfluss.servicekit.identity.embedded import AUDIENCE, ISSUER, NAME_LENGTH
from aktenfluss.testkit import FixedClock

KEY = ec.generate_private_key(ec.SECP256R1())


def segment(value: Any) -> str:
    content = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def es256(content: bytes, key: ec.EllipticCurvePrivateKey) -> bytes:
    """Return the signature as two numbers of 32 bytes."""
    r, s = utils.decode_dss_signature(key.sign(content, ec.ECDSA(hashes.SHA256())))
    return r.to_bytes(32) + s.to_bytes(32)


@dataclass
class Forge:
    """Makes tokens that differ from a good one in what a test names; None leaves a part out."""

    issuer: EmbeddedIssuer
    clock: FixedClock

    @property
    def key_id(self) -> str:
        return KeyBundle.of(KEY).key_id[:NAME_LENGTH]

    @property
    def public_pem(self) -> bytes:
        return KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)

    def claims(self, **changes: Any) -> dict[str, Any]:
        now = int(self.clock.now().timestamp())
        claims = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": "clerk:1",
            "tenant": "offenbach",
            "roles": ["clerk", "juggler"],
            "nbf": now,
            "exp": now + 600,
            **changes,
        }
        return {name: value for name, value in claims.items() if value is not None}

    def header(self, **changes: Any) -> dict[str, Any]:
        header = {"alg": "ES256", "typ": "JWT", "kid": self.key_id, **changes}
        return {name: value for name, value in header.items() if value is not None}

    def token(self, header: Any = None, claims: Any = None, key: ec.EllipticCurvePrivateKey = KEY) -> str:
        return self.resigned(header or self.header(), lambda content: es256(content, key), claims)

    def resigned(self, header: Any, sign: Callable[[bytes], bytes], claims: Any = None) -> str:
        signed = f"{segment(header)}.{segment(claims or self.claims())}"
        return f"{signed}.{segment(sign(signed.encode()))}"

    def segment(self, value: Any) -> str:
        return segment(value)


@pytest.fixture
def forge(clock: FixedClock) -> Forge:
    return Forge(EmbeddedIssuer(KeyBundle.of(KEY), clock), clock)


@pytest.fixture
def verifier(forge: Forge, clock: FixedClock) -> TokenVerifier:
    return TokenVerifier([forge.issuer.trusted], clock)
