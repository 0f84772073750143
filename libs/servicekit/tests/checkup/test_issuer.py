"""Who signs tokens: a provider that answers in its ways, and the own key."""

from datetime import timedelta

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route

from aktenfluss.servicekit import EmbeddedIssuer, OidcIssuer, Outcome, TokenVerifier
from aktenfluss.servicekit.checkup.issuer import aged, issuer, own_key
from aktenfluss.testkit import FixedClock

ISSUER = "https://id.example"
KEY = jwt.algorithms.ECAlgorithm.to_jwk(ec.generate_private_key(ec.SECP256R1()).public_key(), as_dict=True)
CONFIGURATION = {"issuer": ISSUER, "jwks_uri": f"{ISSUER}/keys"}


def provider(configuration: object, keys: object, status: int = 200) -> OidcIssuer:
    def answer(what: object):
        async def tell(_: object) -> JSONResponse:
            return JSONResponse(what, status)

        return tell

    routes = [Route("/.well-known/openid-configuration", answer(configuration)), Route("/keys", answer(keys))]
    return OidcIssuer(ISSUER, FixedClock(), httpx.AsyncClient(transport=httpx.ASGITransport(Starlette(routes=routes))))


async def test_the_keys_of_the_provider_are_counted():
    finding = await issuer(provider(CONFIGURATION, {"keys": [KEY | {"kid": "a", "use": "sig"}]}))
    assert (finding.outcome, finding.seen) == (Outcome.OK, "1 keys fetched, ES256")


@pytest.mark.parametrize(
    ("configuration", "keys", "status", "told"),
    [
        (CONFIGURATION, {"keys": []}, 200, "it publishes no key"),
        (CONFIGURATION, {}, 503, "503 Service Unavailable"),
        ({"issuer": "https://other.example"}, {}, 200, "it describes another issuer"),
    ],
)
async def test_a_provider_without_keys_is_a_failure(configuration, keys, status, told):
    finding = await issuer(provider(configuration, keys, status))
    assert (finding.outcome, told in finding.seen) == (Outcome.FAILURE, True)


async def test_a_provider_that_does_not_answer_is_a_failure():
    finding = await issuer(OidcIssuer("http://127.0.0.1:1", FixedClock()))
    assert (finding.outcome, finding.seen) == (
        Outcome.FAILURE, "the identity provider: All connection attempts failed",
    )  # fmt: skip


async def test_a_token_of_ours_is_verified(tmp_path):
    clock = FixedClock()
    embedded = EmbeddedIssuer.open(tmp_path, clock)
    stranger = EmbeddedIssuer.open(tmp_path / "other", clock)
    file = tmp_path / "issuer.pem"
    assert (await own_key(embedded, TokenVerifier([embedded.trusted], clock), file, clock)).outcome is Outcome.OK
    found = await own_key(embedded, TokenVerifier([stranger.trusted], clock), file, clock)
    assert found.outcome is Outcome.FAILURE


def test_keys_that_are_being_exchanged_are_told():
    assert aged(timedelta(days=3), 2).seen == "3 days old, the first of 2 that verify"


@pytest.mark.parametrize(("days", "outcome"), [(-1, Outcome.OK), (700, Outcome.OK), (731, Outcome.WARNING)])
def test_a_key_of_more_than_two_years_is_old(days, outcome):
    assert aged(timedelta(days=days)).outcome is outcome
