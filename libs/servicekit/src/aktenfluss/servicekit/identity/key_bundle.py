"""Keys one after another in a PEM file: the first signs, all of them verify, so one follows another without a gap."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Self

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey, EllipticCurvePublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from ..errors import SettingsError

BLOCK = re.compile(rb"-----BEGIN ([A-Z0-9 ]+)-----.*?-----END \1-----", re.DOTALL)
PARAMETERS = b"EC PARAMETERS"
"""What `openssl ecparam -genkey` writes before a key; it names the curve again."""


@dataclass(frozen=True, slots=True)
class KeyBundle:
    """Keys on the curve P-256, the public halves by their thumbprints; the first is that of `private_key`."""

    private_key: EllipticCurvePrivateKey
    public_keys: Mapping[str, EllipticCurvePublicKey]

    @classmethod
    def of(cls, private_key: EllipticCurvePrivateKey, *further: EllipticCurvePublicKey) -> Self:
        """Return the bundle of a key that signs, and of others that verify too."""
        return cls(private_key, {thumbprint(key): key for key in (private_key.public_key(), *further)})

    @classmethod
    def of_pem(cls, pem: bytes, name: str) -> Self:
        """Return the keys in the file `name`; behind the first, which is a private one, either half of a key will do.

        Raises SettingsError; it tells nothing of what the file holds.
        """
        blocks = [block[0] for block in BLOCK.finditer(pem) if block[1] != PARAMETERS]
        if not blocks or b"PRIVATE" not in blocks[0]:
            raise SettingsError(f"{name}: it does not begin with a private key in PEM")
        try:
            private_key = private_half(blocks[0])
            return cls.of(private_key, *map(public_half, blocks[1:]))
        except (ValueError, TypeError, UnsupportedAlgorithm) as exc:  # broken, behind a password, of another kind
            raise SettingsError(f"{name}: it holds a block that is no key on the elliptic curve P-256") from exc

    @property
    def key_id(self) -> str:
        """The thumbprint of the key that signs."""
        return next(iter(self.public_keys))


def private_half(block: bytes) -> EllipticCurvePrivateKey:
    key = load_pem_private_key(block, password=None)
    if isinstance(key, EllipticCurvePrivateKey) and isinstance(key.curve, SECP256R1):
        return key
    raise ValueError("a private key of another kind")


def public_half(block: bytes) -> EllipticCurvePublicKey:
    key = private_half(block).public_key() if b"PRIVATE" in block else load_pem_public_key(block)
    if isinstance(key, EllipticCurvePublicKey) and isinstance(key.curve, SECP256R1):
        return key
    raise ValueError("a public key of another kind")


def thumbprint(public_key: EllipticCurvePublicKey) -> str:
    """Return a name for the key that follows from the key alone: 64 digits, as `sha256sum` tells of its DER."""
    return sha256(public_key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).hexdigest()
