"""A file of keys: which of them signs, which forms count, and what is refused without a word of it."""

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from aktenfluss.servicekit import KeyBundle, SettingsError
from aktenfluss.servicekit.identity.key_bundle import thumbprint

FIRST, SECOND, THIRD = (ec.generate_private_key(ec.SECP256R1()) for _ in range(3))
PARAMETERS = b"-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n"


def private(key, form=PrivateFormat.PKCS8) -> bytes:
    return key.private_bytes(Encoding.PEM, form, NoEncryption())


def public(key) -> bytes:
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def test_the_first_key_signs_and_all_verify_in_their_order():
    bundle = KeyBundle.of_pem(private(FIRST) + private(SECOND) + public(THIRD), "keys.pem")
    assert bundle.private_key.private_numbers() == FIRST.private_numbers()
    assert list(bundle.public_keys) == [thumbprint(key.public_key()) for key in (FIRST, SECOND, THIRD)]
    assert bundle.key_id == thumbprint(FIRST.public_key())


def test_a_key_counts_once():
    assert len(KeyBundle.of_pem(private(FIRST) + public(FIRST) + private(FIRST), "keys.pem").public_keys) == 1


@pytest.mark.parametrize("between", [b"", b"\n\n", b"\r\n", b"# the key of 2026\n"])
def test_what_stands_between_two_keys_is_passed_over(between):
    assert len(KeyBundle.of_pem(between.join([private(FIRST), public(SECOND)]), "keys.pem").public_keys) == 2


def test_a_key_as_older_tools_write_it_counts():
    written = PARAMETERS + private(FIRST, PrivateFormat.TraditionalOpenSSL)
    assert len(KeyBundle.of_pem(written + written, "keys.pem").public_keys) == 1


SECRET = FIRST.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"password"))
OTHER_CURVE = ec.generate_private_key(ec.SECP384R1())
OTHER_KIND = ed25519.Ed25519PrivateKey.generate()


@pytest.mark.parametrize("content", [b"", b"no key", PARAMETERS, public(FIRST), public(FIRST) + private(SECOND)])
def test_a_file_that_cannot_sign_is_refused(content):
    with pytest.raises(SettingsError, match=r"^keys\.pem: it does not begin with a private key in PEM$"):
        KeyBundle.of_pem(content, "keys.pem")


@pytest.mark.parametrize("key", [OTHER_CURVE, OTHER_KIND])
@pytest.mark.parametrize("half", [private, public])
def test_a_key_of_another_kind_is_refused_at_any_place(key, half):
    with pytest.raises(SettingsError, match="P-256"):
        KeyBundle.of_pem(private(FIRST) + half(key), "keys.pem")


@pytest.mark.parametrize(
    "content", [SECRET, private(FIRST)[:60] + b"\n-----END PRIVATE KEY-----\n", private(OTHER_CURVE)]
)
def test_a_key_that_cannot_be_read_is_refused_without_showing_it(content):
    with pytest.raises(SettingsError, match="P-256") as refused:
        KeyBundle.of_pem(content, "keys.pem")
    assert content.splitlines()[1].decode() not in str(refused.value)
