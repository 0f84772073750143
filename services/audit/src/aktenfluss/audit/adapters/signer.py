"""Signatures of checkpoints: compact JWS (RFC 7515) with ES256 and a key of this installation."""

import re

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from jwt import InvalidTokenError
from jwt.api_jws import PyJWS

from aktenfluss.servicekit import KeyBundle

ALGORITHM = "ES256"
TYPE = "aktenfluss-checkpoint+jws"
"""In the header, so that no token of the installation passes for a checkpoint, nor the other way round."""
KEY_ID = re.compile(r"[0-9a-f]{64}")


class KeySigner:
    """Implements `Signer`: the first key signs, each verifies what names it."""

    def __init__(self, keys: KeyBundle) -> None:
        self._private_key = keys.private_key
        self._public_keys = keys.public_keys
        self._headers = headers_of(keys.key_id)
        self._jws = PyJWS(algorithms=[ALGORITHM])

    def sign(self, statement: bytes) -> str:
        return self._jws.encode(statement, self._private_key, ALGORITHM, headers=self._headers)

    def statement_of(self, signature: str) -> bytes | None:
        key_id = self._key_id(signature)
        key = self._public_keys.get(key_id) if key_id else None
        if key is None:
            return None
        try:
            statement: bytes = self._jws.decode(signature, key, algorithms=[ALGORITHM])
        except InvalidTokenError:
            return None
        return statement

    def missing_key(self, signature: str) -> str | None:
        key_id = self._key_id(signature)
        return None if key_id in self._public_keys else key_id

    def _key_id(self, signature: str) -> str | None:
        """Return the key that `signature` names, None where its header is none that we write."""
        try:
            header = self._jws.get_unverified_header(signature)
        except (InvalidTokenError, UnicodeEncodeError):
            return None
        key_id = header.get("kid", "")
        is_ours = KEY_ID.fullmatch(key_id) and header == {"alg": ALGORITHM, **headers_of(key_id)}
        return key_id if is_ours else None


def headers_of(key_id: str) -> dict[str, str]:
    return {"typ": TYPE, "kid": key_id}


def new_private_key() -> bytes:
    """Return a new key as PEM, for the key file."""
    return generate_private_key(SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
