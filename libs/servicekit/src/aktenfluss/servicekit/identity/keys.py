"""Public keys that may sign tokens, each bound to its one algorithm."""

from dataclasses import dataclass
from typing import Any, Protocol

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from jwt.algorithms import Algorithm, ECAlgorithm, OKPAlgorithm, RSAAlgorithm

from .compact import CompactToken

type PublicKey = EllipticCurvePublicKey | RSAPublicKey | Ed25519PublicKey

MIN_RSA_BITS = 2048


@dataclass(frozen=True, slots=True)
class VerificationKey:
    """One public key; its type alone decides the algorithm, the token's header has no say."""

    key_id: str
    algorithm: str
    public_key: PublicKey
    implementation: Algorithm

    @classmethod
    def of(cls, key_id: str, public_key: Any) -> "VerificationKey":
        """Return the key with the algorithm of its type. Raises ValueError for a type or size that is not accepted."""
        if isinstance(public_key, EllipticCurvePublicKey) and isinstance(public_key.curve, SECP256R1):
            return cls(key_id, "ES256", public_key, ECAlgorithm(ECAlgorithm.SHA256, SECP256R1))
        if isinstance(public_key, RSAPublicKey) and public_key.key_size >= MIN_RSA_BITS:
            return cls(key_id, "RS256", public_key, RSAAlgorithm(RSAAlgorithm.SHA256))
        if isinstance(public_key, Ed25519PublicKey):
            return cls(key_id, "EdDSA", public_key, OKPAlgorithm())
        raise ValueError("only P-256, Ed25519 and RSA keys from 2048 bits sign tokens")

    def signed(self, token: CompactToken) -> bool:
        """Tell whether this key signed `token`."""
        if token.algorithm != self.algorithm:
            return False
        return bool(self.implementation.verify(token.signed, self.public_key, token.signature))


class KeySource(Protocol):
    """Knows the keys of one issuer."""

    async def find(self, key_id: str) -> VerificationKey | None:
        """Return the key of that name, or None; never asks a place that a token named."""
        ...
