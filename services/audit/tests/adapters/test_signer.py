"""Signatures: ours are read back, by every key that we know, nothing else is."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP384R1, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from jwt.api_jws import PyJWS

from aktenfluss.audit.adapters.signer import KeySigner, new_private_key
from aktenfluss.servicekit import KeyBundle, SettingsError

STATEMENT = b'{"size":1}'


def signer_with(*pems: bytes) -> KeySigner:
    """Return who signs with the first key and knows all of them."""
    return KeySigner(KeyBundle.of_pem(b"".join(pems), "audit.pem"))


def test_a_signature_carries_its_statement(signer):
    assert signer.statement_of(signer.sign(STATEMENT)) == STATEMENT


def test_a_key_read_again_is_the_same_signer():
    pem = new_private_key()
    assert signer_with(pem).statement_of(signer_with(pem).sign(STATEMENT)) == STATEMENT


def test_another_keys_signature_is_refused_and_the_key_named(signer):
    other = KeyBundle.of_pem(new_private_key(), "audit.pem")
    signature = KeySigner(other).sign(STATEMENT)
    assert (signer.statement_of(signature), signer.missing_key(signature)) == (None, other.key_id)


def test_a_signature_is_read_with_the_key_that_it_names_among_several():
    old, new = new_private_key(), new_private_key()
    before, after = signer_with(old, new), signer_with(new, old)
    for one, other in ((before, after), (after, before), (before, before)):
        assert other.statement_of(one.sign(STATEMENT)) == STATEMENT
        assert other.missing_key(one.sign(STATEMENT)) is None
    assert signer_with(new).statement_of(before.sign(STATEMENT)) is None
    assert signer_with(new).statement_of(after.sign(STATEMENT)) == STATEMENT


def test_a_signature_under_the_name_of_another_of_our_keys_is_refused():
    old, new = new_private_key(), new_private_key()
    both, name = signer_with(old, new), KeyBundle.of_pem(new, "audit.pem").key_id
    headers = {"typ": "aktenfluss-checkpoint+jws", "kid": name}
    assert both.statement_of(PyJWS().encode(STATEMENT, both._private_key, "ES256", headers=headers)) is None


@pytest.mark.parametrize("headers", [{}, {"typ": "JWT"}, {"typ": "aktenfluss-checkpoint+jws", "kid": "x"}])
def test_a_token_of_the_same_key_is_no_checkpoint(signer, headers):
    token = PyJWS().encode(STATEMENT, signer._private_key, "ES256", headers=headers)
    assert (signer.statement_of(token), signer.missing_key(token)) == (None, None)


@pytest.mark.parametrize("position", [0, 20, -1])
def test_a_changed_character_is_refused(signer, position):
    text = list(signer.sign(STATEMENT))
    text[position] = "A" if text[position] != "A" else "Q"
    assert signer.statement_of("".join(text)) is None


@pytest.mark.parametrize("text", ["", ".", "..", "a.b.c", "ä.ö.ü", "e30.e30.", "x" * 100_000, "\ud800"])
def test_what_is_no_signature_is_refused(signer, text):
    assert (signer.statement_of(text), signer.missing_key(text)) == (None, None)


def test_an_unsigned_statement_is_refused(signer):
    assert signer.statement_of(PyJWS().encode(STATEMENT, "", "none")) is None


def test_a_key_on_another_curve_is_refused():
    pem = generate_private_key(SECP384R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    with pytest.raises(SettingsError, match="P-256"):
        signer_with(pem)
