"""A grant opens one content, or one page, for minutes."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import jwt
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from aktenfluss.kernel import Principal
from aktenfluss.servicekit.identity import Grant, Grants, UnauthenticatedError
from aktenfluss.testkit import FixedClock

SECRET = b"s" * 32
CLERK = Principal("clerk:1", "offenbach")
CASE_FILE = UUID("0190b0a0-0000-7000-8000-000000000001")
DOCUMENT = UUID("0190b0a0-0000-7000-8000-000000000002")
CONTENT = f"sha256:{'a' * 64}"
OTHER = f"sha256:{'b' * 64}"


@pytest.fixture
def grants(clock: FixedClock) -> Grants:
    return Grants([SECRET], clock)


def issue(grants: Grants, **changes: Any) -> str:
    arguments: dict[str, Any] = {"case_file_id": CASE_FILE, "document_id": DOCUMENT, "content": CONTENT, **changes}
    return grants.issue(CLERK, **arguments)


def test_grant_of_a_content_comes_back(grants: Grants) -> None:
    grant = grants.verify(issue(grants))
    assert grant == Grant("clerk:1", "offenbach", CASE_FILE, DOCUMENT, CONTENT, None)
    assert grant.allows_content(CONTENT)
    assert not grant.allows_content(OTHER)
    assert not grant.allows_page(DOCUMENT, 1)


def test_grant_of_a_page_opens_that_page_only(grants: Grants) -> None:
    grant = grants.verify(issue(grants, page=17))
    assert grant.allows_page(DOCUMENT, 17)
    assert not grant.allows_page(DOCUMENT, 18)
    assert not grant.allows_page(CASE_FILE, 17)
    assert not grant.allows_content(CONTENT)


def test_grant_ends(grants: Grants, clock: FixedClock) -> None:
    text = issue(grants, lifetime=timedelta(seconds=30))
    clock.advance(seconds=30)
    with pytest.raises(UnauthenticatedError, match="The grant is not valid: it has expired"):
        grants.verify(text)


@pytest.mark.parametrize("seconds", [0, -1, 301])
def test_grant_lives_for_minutes(grants: Grants, seconds: int) -> None:
    with pytest.raises(ValueError, match="300 seconds"):
        issue(grants, lifetime=timedelta(seconds=seconds))


def test_grant_counts_while_its_secret_is_given_at_any_place(clock: FixedClock) -> None:
    old, new = SECRET, b"n" * 32
    before, after = Grants([old, new], clock), Grants([new, old], clock)
    assert before.verify(issue(after)) == after.verify(issue(before))
    with pytest.raises(UnauthenticatedError, match="its signature is wrong"):
        Grants([new], clock).verify(issue(before))
    assert Grants([new], clock).verify(issue(after))


def test_short_secret_is_refused(clock: FixedClock) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        Grants([SECRET, b"short"], clock)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_changed_grant_is_refused(grants: Grants, data: st.DataObject) -> None:
    text = issue(grants)
    at = data.draw(st.integers(0, len(text)))
    changed = text[:at] + data.draw(st.text(max_size=3)) + text[at + data.draw(st.integers(0, 3)) :]
    assume(changed != text)
    with pytest.raises(UnauthenticatedError):
        grants.verify(changed)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("aud", "aktenfluss"),
        ("aud", None),
        ("exp", None),
        ("exp", "9999999999"),
        ("sub", "Erika Mustermann"),
        ("tenant", None),
        ("case_file", "1"),
        ("document", DOCUMENT.hex),
        ("content", "md5:1"),
        ("page", 0),
        ("page", True),
        ("page", "1"),
    ],
)
def test_signed_grant_of_another_shape_is_refused(grants: Grants, name: str, value: object) -> None:
    claims = jwt.decode(issue(grants), options={"verify_signature": False})
    claims[name] = value
    text = jwt.encode({key: item for key, item in claims.items() if item is not None}, grants._secrets[0], "HS256")
    with pytest.raises(UnauthenticatedError):
        grants.verify(text)


@pytest.mark.parametrize(
    ("algorithm", "headers"), [("HS256", {"kid": "x"}), ("HS256", {"crit": ["x"]}), ("HS512", {}), ("none", {})]
)
def test_grant_with_another_header_is_refused(grants: Grants, algorithm: str, headers: dict[str, Any]) -> None:
    claims = jwt.decode(issue(grants), options={"verify_signature": False})
    key = None if algorithm == "none" else grants._secrets[0].ljust(64, b"x")
    with pytest.raises(UnauthenticatedError):
        grants.verify(jwt.encode(claims, key, algorithm, headers=headers))


def test_nothing_else_signed_with_the_secret_is_a_grant(grants: Grants) -> None:
    claims = jwt.decode(issue(grants), options={"verify_signature": False})
    with pytest.raises(UnauthenticatedError, match="signature"):
        grants.verify(jwt.encode(claims, SECRET, "HS256"))
