"""Clocks that differ, told by servers that really answer."""

import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx
import pytest
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route

from aktenfluss.servicekit import Outcome, ServiceSettings
from aktenfluss.servicekit.checkup.clock import addresses, ahead, clocks, date_offset
from aktenfluss.testkit import FixedClock

NOW = datetime(2026, 3, 2, 8, 0, 0, 500_000, tzinfo=UTC)


@pytest.mark.parametrize(
    ("offsets", "outcome"),
    [
        ({"database": 0.9}, Outcome.OK),
        ({"database": 0.0, "store": -1.1}, Outcome.WARNING),
        ({"database": 5.1}, Outcome.FAILURE),
        ({}, Outcome.WARNING),
    ],
)
def test_more_than_a_second_is_a_warning_and_more_than_five_a_failure(offsets, outcome):
    assert clocks(offsets).outcome is outcome


@pytest.mark.parametrize("offset", [0, 7, -7])
def test_what_is_done_after_a_clock_was_asked_does_not_count(offset):
    told, told_at = NOW + timedelta(seconds=offset), time.monotonic() - 60
    assert ahead(told, told_at, FixedClock(NOW + timedelta(minutes=1))) == pytest.approx(offset, abs=0.5)


def test_who_differs_is_named():
    assert clocks({"database": -0.04, "store": 7.31}).seen == "database +0.0 s, store +7.3 s"


async def offset_of(headers: dict[str, str]) -> float | None:
    """Return the offset of a server that answers with these headers, refusing the request as a store does."""

    async def answer(_: object) -> Response:
        return Response(status_code=403, headers=headers)

    transport = httpx.ASGITransport(Starlette(routes=[Route("/", answer, methods=["GET", "HEAD"])]))
    async with httpx.AsyncClient(transport=transport) as client:
        return await date_offset(client, "http://store/", FixedClock(NOW))


@pytest.mark.parametrize(("ahead", "offset"), [(0, 0.0), (-1, -0.5), (10, 9.5), (-10, -9.5)])
async def test_the_date_of_an_answer_is_compared_as_far_as_it_is_exact(ahead, offset):
    told = format_datetime(NOW.replace(microsecond=0) + timedelta(seconds=ahead), usegmt=True)
    assert await offset_of({"Date": told}) == pytest.approx(offset, abs=0.2)


@pytest.mark.parametrize("headers", [{}, {"Date": "today"}])
async def test_who_tells_no_date_is_passed_over(headers):
    assert await offset_of(headers) is None


async def test_who_does_not_answer_is_passed_over():
    async with httpx.AsyncClient() as client:
        assert await date_offset(client, "http://127.0.0.1:1/", FixedClock()) is None


def test_those_that_answer_over_http_are_asked():
    settings = ServiceSettings(
        object_store_url="s3://a:b@store:9000/bucket?tls=false", auth_issuer="https://id.example/realms/offenbach"
    )
    assert [(name, url) for name, url, _ in addresses(settings)] == [
        ("store", "http://store:9000/"), ("issuer", "https://id.example/realms/offenbach"),
    ]  # fmt: skip
    assert list(addresses(ServiceSettings())) == []
