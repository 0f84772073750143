"""Signatures: ours are read back, nothing else is."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP384R1, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from jwt.api_jws import PyJWS

from aktenfluss.audit.adapters.signer import KeySigner, new_private_key

STATEMENT = b'{"size":1}'


def test_a_signature_carries_its_statement(signer):
    assert signer.statement_of(signer.sign(STATEMENT)) == STATEMENT


def test_a_key_read_again_is_the_same_signer():
    pem = new_private_key()
    assert KeySigner.of_pem(pem).statement_of(KeySigner.of_pem(pem).sign(STATEMENT)) == STATEMENT


def test_another_keys_signature_is_refused(signer):
    assert signer.statement_of(KeySigner.of_pem(new_private_key()).sign(STATEMENT)) is None


@pytest.mark.parametrize("headers", [{}, {"typ": "JWT"}, {"typ": "aktenfluss-checkpoint+jws", "kid": "x"}])
def test_a_token_of_the_same_key_is_no_checkpoint(signer, headers):
    token = PyJWS().encode(STATEMENT, signer._private_key, "ES256", headers=headers)
    assert signer.statement_of(token) is None


@pytest.mark.parametrize("position", [0, 20, -1])
def test_a_changed_character_is_refused(signer, position):
    text = list(signer.sign(STATEMENT))
    text[position] = "A" if text[position] != "A" else "Q"
    assert signer.statement_of("".join(text)) is None


@pytest.mark.parametrize("text", ["", ".", "..", "a.b.c", "ä.ö.ü", "e30.e30.", "x" * 100_000])
def test_what_is_no_signature_is_refused(signer, text):
    assert signer.statement_of(text) is None


def test_an_unsigned_statement_is_refused(signer):
    assert signer.statement_of(PyJWS().encode(STATEMENT, "", "none")) is None


def test_a_key_on_another_curve_is_refused():
    pem = generate_private_key(SECP384R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    with pytest.raises(ValueError, match="P-256"):
        KeySigner.of_pem(pem)
