"""What every refusal of the door has, and tokens to be let in with."""

import re
from datetime import timedelta

import httpx

from aktenfluss.kernel import Role
from aktenfluss.servicekit import EmbeddedIssuer

UNAUTHENTICATED = (401, "/problems/unauthenticated")


def bearer(issuer: EmbeddedIssuer, role: Role, lifetime: timedelta = timedelta(hours=1)) -> dict[str, str]:
    return {"Authorization": f"Bearer {issuer.mint(f'test:{role}', 'offenbach', [role], lifetime)}"}


def problem(answer: httpx.Response) -> tuple[int, str]:
    """Return status and type of a refusal that has all that every refusal has."""
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["x-request-id"]
    body = answer.json()
    assert body["status"] == answer.status_code
    assert re.fullmatch(r"urn:uuid:[0-9a-f-]{36}", body["instance"])
    assert body["title"] and body["detail"]
    return answer.status_code, body["type"]
