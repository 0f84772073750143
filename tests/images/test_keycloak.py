"""Tokens of a real Keycloak with the realm of compose are tokens of the product."""

import subprocess

import httpx
import jwt
import pytest
from tests.images.keycloak import DOCKER, Keycloak

from aktenfluss.kernel import Role, SystemClock
from aktenfluss.servicekit import OidcIssuer, TokenVerifier
from aktenfluss.testkit import PATIENCE_SECONDS

pytestmark = [pytest.mark.servers, pytest.mark.xdist_group("keycloak")]


@pytest.fixture(scope="module")
def keycloak(tmp_path_factory):
    server = Keycloak(tmp_path_factory.mktemp("keycloak"))
    with server:
        server.start_anew()
        yield server


@pytest.fixture
async def client(keycloak):
    async with httpx.AsyncClient(verify=keycloak.trust, timeout=PATIENCE_SECONDS) as client:
        yield client


async def token_of(keycloak, client, name, secret):
    form = {"grant_type": "client_credentials", "client_id": name, "client_secret": secret}
    return await client.post(f"{keycloak.issuer}/protocol/openid-connect/token", data=form)


@pytest.mark.parametrize(
    ("name", "secret", "role"),
    [
        ("records-office", "RECORDS_OFFICE_SECRET", Role.RECORDS_MANAGER),
        ("scan-contractor", "SCAN_CONTRACTOR_SECRET", Role.CONTRACTOR),
    ],
)
async def test_a_program_becomes_a_principal(keycloak, client, name, secret, role):
    answer = (await token_of(keycloak, client, name, keycloak.secrets[secret])).json()
    clock = SystemClock()
    verifier = TokenVerifier([OidcIssuer(keycloak.issuer, clock, client).trusted(audience="aktenfluss")], clock)

    principal = await verifier.verify(answer["access_token"])

    assert (principal.tenant_id, principal.roles) == ("altstadt", frozenset({role}))
    assert answer["expires_in"] <= 300


async def test_the_door_verifies_with_the_key_that_was_prepared(keycloak, client):
    answer = await token_of(keycloak, client, "records-office", keycloak.secrets["RECORDS_OFFICE_SECRET"])
    public = (keycloak.folder / "secrets" / "signing.pub").read_text()

    claims = jwt.decode(answer.json()["access_token"], public, ["RS256"], audience="aktenfluss", issuer=keycloak.issuer)

    assert {"sub", "nbf", "exp"} <= set(claims)


async def test_a_wrong_secret_gets_no_token(keycloak, client):
    assert (await token_of(keycloak, client, "records-office", "guessed")).status_code == 401


async def test_people_sign_in_with_code_and_pkce_alone(keycloak, client):
    password = {"grant_type": "password", "client_id": "people", "username": "a", "password": "b"}
    refused = await client.post(f"{keycloak.issuer}/protocol/openid-connect/token", data=password)
    code = {"client_id": "people", "response_type": "code", "redirect_uri": "http://127.0.0.1/x"}
    without_pkce = await client.get(f"{keycloak.issuer}/protocol/openid-connect/auth", params=code)

    assert refused.json()["error"] == "unauthorized_client"
    assert "error=invalid_request" in without_pkce.headers["location"]


def test_a_second_preparation_changes_nothing(keycloak):
    before = (keycloak.folder / ".env").read_text()

    again = subprocess.run([DOCKER / "prepare", keycloak.folder], capture_output=True, text=True, check=True)

    assert "is there already" in again.stderr
    assert (keycloak.folder / ".env").read_text() == before
