"""Forged, stale and misshapen tokens: every one of them is refused."""

import hashlib
import hmac
import json
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from aktenfluss.servicekit.identity import TokenVerifier, UnauthenticatedError

OTHER_KEY = ec.generate_private_key(ec.SECP256R1())
RSA_KEY = rsa.generate_private_key(65537, 2048)
JWK = {"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"}


def with_public_key_as_secret(forge: Any) -> str:
    def sign(content: bytes) -> bytes:
        return hmac.digest(forge.public_pem, content, "sha256")

    return forge.resigned(forge.header(alg="HS256"), sign)


def with_rsa(forge: Any) -> str:
    def sign(content: bytes) -> bytes:
        return RSA_KEY.sign(content, padding.PKCS1v15(), hashes.SHA256())

    return forge.resigned(forge.header(alg="RS256"), sign)


def with_der_signature(forge: Any) -> str:
    from_key = forge.issuer._private_key
    return forge.resigned(forge.header(), lambda content: from_key.sign(content, ec.ECDSA(hashes.SHA256())))


def duplicated(forge: Any) -> str:
    text = json.dumps(forge.claims(aud="somebody"))
    return forge.token(claims=(text[:-1] + ', "aud": "aktenfluss"}').encode())


def relaxed_padding(forge: Any) -> str:
    header, claims, signature = forge.token().split(".")
    return f"{header}.{claims}.{signature}=="


def other_spelling(forge: Any) -> str:
    """Return a good token whose last character carries other unused bits."""
    token = forge.token()
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    return token[:-1] + alphabet[alphabet.index(token[-1]) ^ 1]


def swapped_claims(forge: Any) -> str:
    header, _, signature = forge.token().split(".")
    return f"{header}.{forge.segment(forge.claims(roles=['operator']))}.{signature}"


def now(forge: Any) -> int:
    return int(forge.clock.now().timestamp())


FORGERIES: dict[str, Callable[[Any], str]] = {
    "empty": lambda _: "",
    "one word": lambda _: "token",
    "two parts": lambda f: f.token().rpartition(".")[0],
    "four parts": lambda f: f.token() + ".AAAA",
    "empty parts": lambda _: "..",
    "no signature": lambda f: f.token().rpartition(".")[0] + ".",
    "truncated": lambda f: f.token()[:-10],
    "huge": lambda f: f.token(claims=f.claims(filler="x" * 9000)),
    "not base64": lambda f: f.token().replace(".", ".!", 1),
    "not ASCII": lambda f: f.token() + "é",
    "padding": relaxed_padding,
    "other spelling of the signature": other_spelling,
    "space": lambda f: f.token() + " ",
    "header is no JSON": lambda f: f.token(header=b"{"),
    "header is a list": lambda f: f.token(header=b"[]"),
    "claims are a number": lambda f: f.token(claims=b"7"),
    "claims are no UTF-8": lambda f: f.token(claims=b'{"sub": "\xff"}'),
    "claims are deep": lambda f: f.token(claims=b"[" * 3000),
    "claims hold NaN": lambda f: f.token(claims=b'{"exp": NaN}'),
    "alg none": lambda f: f.resigned(f.header(alg="none"), lambda _: b"x"),
    "alg None": lambda f: f.resigned(f.header(alg="None"), lambda _: b"x"),
    "alg missing": lambda f: f.token(header=f.header(alg=None)),
    "alg is a list": lambda f: f.token(header=f.header(alg=["ES256"])),
    "alg in lower case": lambda f: f.token(header=f.header(alg="es256")),
    "HS256 with the public key": with_public_key_as_secret,
    "HS256 with the fingerprint": lambda f: f.resigned(
        f.header(alg="HS256"), lambda content: hmac.digest(hashlib.sha256(f.public_pem).digest(), content, "sha256")
    ),
    "RS256 named with the EC key": with_rsa,
    "ES384 named": lambda f: f.token(header=f.header(alg="ES384")),
    "EdDSA named": lambda f: f.token(header=f.header(alg="EdDSA")),
    "signed by another key": lambda f: f.token(key=OTHER_KEY),
    "signature in DER": with_der_signature,
    "signature of zeros": lambda f: f.resigned(f.header(), lambda _: bytes(64)),
    "signature too short": lambda f: f.resigned(f.header(), lambda _: b"x"),
    "signature too long": lambda f: f.resigned(f.header(), lambda _: bytes(65)),
    "claims swapped": swapped_claims,
    "own key: jwk": lambda f: f.token(header=f.header(jwk=JWK), key=OTHER_KEY),
    "own key: jku": lambda f: f.token(header=f.header(jku="https://evil.example/keys")),
    "own key: x5u": lambda f: f.token(header=f.header(x5u="https://evil.example/chain")),
    "own key: x5c": lambda f: f.token(header=f.header(x5c=["AAAA"])),
    "crit": lambda f: f.token(header=f.header(crit=["exp"])),
    "b64": lambda f: f.token(header=f.header(b64=False)),
    "zip": lambda f: f.token(header=f.header(zip="DEF")),
    "typ of another kind": lambda f: f.token(header=f.header(typ="secevent+jwt")),
    "typ is no text": lambda f: f.token(header=f.header(typ=["JWT"])),
    "kid missing": lambda f: f.token(header=f.header(kid=None)),
    "kid is a path": lambda f: f.token(header=f.header(kid="../../dev/null")),
    "kid is SQL": lambda f: f.token(header=f.header(kid="x' UNION SELECT 'key")),
    "kid is a list": lambda f: f.token(header=f.header(kid=[f.key_id])),
    "kid is unknown": lambda f: f.token(header=f.header(kid="unknown")),
    "kid ends in a newline": lambda f: f.token(header=f.header(kid=f.key_id + "\n")),
    "iss missing": lambda f: f.token(claims=f.claims(iss=None)),
    "iss of somebody else": lambda f: f.token(claims=f.claims(iss="https://evil.example")),
    "iss is a list": lambda f: f.token(claims=f.claims(iss=["urn:aktenfluss:embedded"])),
    "aud missing": lambda f: f.token(claims=f.claims(aud=None)),
    "aud of somebody else": lambda f: f.token(claims=f.claims(aud="somebody")),
    "aud is longer": lambda f: f.token(claims=f.claims(aud="aktenfluss2")),
    "aud is an empty list": lambda f: f.token(claims=f.claims(aud=[])),
    "aud is a list with an object": lambda f: f.token(claims=f.claims(aud=["aktenfluss", {}])),
    "aud is an object": lambda f: f.token(claims=f.claims(aud={"aktenfluss": True})),
    "aud twice": duplicated,
    "sub missing": lambda f: f.token(claims=f.claims(sub=None)),
    "sub is a name": lambda f: f.token(claims=f.claims(sub="Erika Mustermann")),
    "sub is too long": lambda f: f.token(claims=f.claims(sub="x" * 101)),
    "sub is a number": lambda f: f.token(claims=f.claims(sub=7)),
    "tenant missing": lambda f: f.token(claims=f.claims(tenant=None)),
    "tenant in upper case": lambda f: f.token(claims=f.claims(tenant="Offenbach")),
    "tenant with a quote": lambda f: f.token(claims=f.claims(tenant="o'; SET app.tenant = 'hanau")),
    "tenant ends in a newline": lambda f: f.token(claims=f.claims(tenant="offenbach\n")),
    "tenant is a list": lambda f: f.token(claims=f.claims(tenant=["offenbach"])),
    "roles are one text": lambda f: f.token(claims=f.claims(roles="clerk")),
    "roles hold an object": lambda f: f.token(claims=f.claims(roles=["clerk", {}])),
    "exp missing": lambda f: f.token(claims=f.claims(exp=None)),
    "exp is past": lambda f: f.token(claims=f.claims(exp=now(f) - 60)),
    "exp is a text": lambda f: f.token(claims=f.claims(exp=str(now(f) + 60))),
    "exp is true": lambda f: f.token(claims=f.claims(exp=True)),
    "exp is endless": lambda f: f.token(claims=f.claims(exp=10**30)),
    "exp is negative": lambda f: f.token(claims=f.claims(exp=-1)),
    "nbf missing": lambda f: f.token(claims=f.claims(nbf=None)),
    "nbf is to come": lambda f: f.token(claims=f.claims(nbf=now(f) + 61)),
    "nbf is a text": lambda f: f.token(claims=f.claims(nbf=str(now(f)))),
}


@pytest.mark.parametrize("kind", FORGERIES)
async def test_forgery_is_refused(kind: str, forge: Any, verifier: TokenVerifier) -> None:
    await verifier.verify(forge.token())
    with pytest.raises(UnauthenticatedError, match="The access token is not valid: "):
        await verifier.verify(FORGERIES[kind](forge))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
async def test_no_change_of_a_token_passes(forge: Any, verifier: TokenVerifier, data: st.DataObject) -> None:
    token = forge.token()
    at = data.draw(st.integers(0, len(token)))
    end = data.draw(st.integers(at, min(at + 3, len(token))))
    changed = token[:at] + data.draw(st.text(max_size=3)) + token[end:]
    assume(changed != token)
    with pytest.raises(UnauthenticatedError):
        await verifier.verify(changed)


async def test_refusal_quotes_nothing_of_the_token(forge: Any, verifier: TokenVerifier) -> None:
    with pytest.raises(UnauthenticatedError) as refusal:
        await verifier.verify(forge.token(claims=forge.claims(sub="Erika Mustermann", exp="Mustermann")))
    assert "Mustermann" not in refusal.value.detail
