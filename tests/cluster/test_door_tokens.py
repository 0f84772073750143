"""Who gets past the public door: tokens, forgeries, and grants."""

import base64
import json
import time
from datetime import timedelta
from pathlib import Path

import jwt
import pytest

from aktenfluss.kernel import Role, SystemClock
from aktenfluss.servicekit import EmbeddedIssuer

from .refusals import UNAUTHENTICATED, problem

pytestmark = pytest.mark.servers

CONTENT = "/v1/contents/sha256:" + "0" * 64


def spoiled(token: str, **header: str) -> str:
    """Return the token with another header."""
    head, _, rest = token.partition(".")
    claims = json.loads(base64.urlsafe_b64decode(head + "==")) | header
    return base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode() + "." + rest


def forgeries(issuer: EmbeddedIssuer, stranger: EmbeddedIssuer) -> dict[str, str]:
    good = issuer.mint("test:clerk", "offenbach", [Role.CLERK])
    head, claims, signature = good.split(".")
    return {
        "signed by another key": stranger.mint("test:clerk", "offenbach", [Role.CLERK]),
        "without a signature": f"{head}.{claims}.",
        "algorithm none": spoiled(f"{head}.{claims}.", alg="none"),
        "algorithm HS256": spoiled(good, alg="HS256"),
        "other claims": f"{head}.{claims[:-4]}AAAA.{signature}",
        "expired": issuer.mint("test:clerk", "offenbach", [Role.CLERK], timedelta(seconds=-61)),
        "no token at all": "x",
    }


async def test_a_forged_token_ends_at_the_door(anybody, services, issuer, tmp_path: Path) -> None:
    stranger = EmbeddedIssuer.open(tmp_path / "stranger", SystemClock())
    for name, token in forgeries(issuer, stranger).items():
        answer = await anybody.get("/v1/case-files", headers={"Authorization": f"Bearer {token}"})
        assert (name, *problem(answer)) == (name, *UNAUTHENTICATED)
    assert services["cases"].requests == []


@pytest.mark.parametrize("path", [f"{CONTENT}?grant=abc", "/v1/documents/1/pages/2?grant=abc"])
async def test_a_grant_stands_for_the_token_where_bytes_are_read(anybody, path: str) -> None:
    assert (await anybody.get(path)).json()["service"].startswith("documents")
    assert problem(await anybody.put(path, content=b"x")) == UNAUTHENTICATED
    assert problem(await anybody.get(path, headers={"Authorization": "Bearer x"})) == UNAUTHENTICATED


async def test_a_grant_opens_nothing_else(anybody) -> None:
    assert problem(await anybody.get("/v1/case-files/1?grant=abc")) == UNAUTHENTICATED


def claims(**other: object) -> dict[str, object]:
    now = int(time.time())
    usual = {"iss": "urn:aktenfluss:embedded", "aud": "aktenfluss", "sub": "a", "nbf": now, "exp": now + 600}
    return {name: value for name, value in {**usual, **other}.items() if value is not None}


@pytest.fixture
async def status_of(anybody, issuer, tmp_path: Path):
    """Give the answer to a request whose token has these claims, rightly signed."""
    key = (tmp_path / "keys" / "issuer.pem").read_text()

    async def ask(path: str = "/v1/case-files", **other: object) -> int:
        token = jwt.encode(claims(**other), key, algorithm="ES256", headers={"kid": "any"})
        return (await anybody.get(path, headers={"Authorization": f"bearer {token}"})).status_code

    return ask


@pytest.mark.parametrize("audience", ["aktenfluss", ["aktenfluss"], ["account", "aktenfluss"]])
async def test_an_audience_may_be_one_of_several(status_of, audience) -> None:
    assert await status_of(aud=audience) == 200


@pytest.mark.parametrize(
    "other",
    [
        {"aud": "somebody-else"},
        {"aud": ["aktenfluss-other", "account"]},
        {"aud": None},
        {"iss": "urn:somebody:else"},
        {"iss": None},
        {"exp": None},
        {"nbf": None},
        {"nbf": int(time.time()) + 3600},
    ],
)
async def test_a_token_for_others_or_without_an_end_is_refused(status_of, other) -> None:
    assert await status_of(**other) == 401


async def test_leeway_is_a_minute(status_of) -> None:
    now = int(time.time())
    assert await status_of(exp=now - 30) == 200
    assert await status_of(nbf=now + 30) == 200


async def test_a_token_is_good_until_its_end_however_old_it_is(status_of) -> None:
    now = int(time.time())
    assert await status_of(nbf=now - 3600, exp=now + 600) == 200


@pytest.mark.parametrize("role", ["contractor", "service", "vendor"])
async def test_a_service_account_is_known_by_its_roles(status_of, role: str) -> None:
    found = {await status_of(roles=["other", role], sub="account") for _ in range(110)}

    assert found == {200}


async def test_a_person_is_told_from_others_by_the_subject(status_of) -> None:
    assert [await status_of(sub="one") for _ in range(101)] == [200] * 100 + [429]
    assert await status_of(sub="two") == 200
