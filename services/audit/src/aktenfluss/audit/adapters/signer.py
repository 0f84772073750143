"""Signatures of checkpoints: compact JWS (RFC 7515) with ES256 and a key of this installation."""

from hashlib import sha256
from typing import Self

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from jwt import InvalidTokenError
from jwt.api_jws import PyJWS

ALGORITHM = "ES256"
TYPE = "aktenfluss-checkpoint+jws"
"""In the header, so that no token of the installation passes for a checkpoint, nor the other way round."""


class KeySigner:
    """Implements `Signer`."""

    def __init__(self, private_key: EllipticCurvePrivateKey) -> None:
        self._private_key = private_key
        self._public_key = private_key.public_key()
        spki = self._public_key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        self._headers = {"typ": TYPE, "kid": sha256(spki).hexdigest()}
        self._jws = PyJWS(algorithms=[ALGORITHM])

    @classmethod
    def of_pem(cls, pem: bytes) -> Self:
        """Return the signer of a private key; raises ValueError where it is not on the curve P-256."""
        private_key = load_pem_private_key(pem, password=None)
        if isinstance(private_key, EllipticCurvePrivateKey) and isinstance(private_key.curve, SECP256R1):
            return cls(private_key)
        raise ValueError("the key of the audit log must be an elliptic curve key on P-256")

    def sign(self, statement: bytes) -> str:
        return self._jws.encode(statement, self._private_key, ALGORITHM, headers=self._headers)

    def statement_of(self, signature: str) -> bytes | None:
        try:
            token = self._jws.decode_complete(signature, self._public_key, algorithms=[ALGORITHM])
        except InvalidTokenError:
            return None
        statement: bytes = token["payload"]
        return statement if token["header"] == {"alg": ALGORITHM, **self._headers} else None


def new_private_key() -> bytes:
    """Return a new key as PEM, for the key file."""
    return generate_private_key(SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
