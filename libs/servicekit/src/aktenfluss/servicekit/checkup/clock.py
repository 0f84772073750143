"""Compares the clock of this machine with those of the database, the store and the issuer."""

import ssl
import time
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime

import httpx

from aktenfluss.kernel import Clock

from ..objects.s3_url import S3Url
from ..settings import ServiceSettings
from .finding import Finding, failure, fine, warning

WARNING_SECONDS, FAILURE_SECONDS = 1.0, 5.0
PATIENCE = httpx.Timeout(5.0)
WAY_OUT = (
    "Let chrony or systemd-timesyncd set the clock of the machine that is wrong; tokens and deadlines depend on it."
)


def clocks(offsets: Mapping[str, float]) -> Finding:
    """Tell how far the clocks of others are ahead of ours (behind it, where negative), in seconds."""
    if not offsets:
        return warning("clock", "nobody to compare with", "Mend the database and the store first.")
    told = ", ".join(f"{name} {round(offset, 1) + 0.0:+} s" for name, offset in offsets.items())
    most = max(map(abs, offsets.values()))
    if most > FAILURE_SECONDS:
        return failure("clock", told, WAY_OUT)
    return warning("clock", told, WAY_OUT) if most > WARNING_SECONDS else fine("clock", told)


async def date_offsets(settings: ServiceSettings, clock: Clock) -> dict[str, float]:
    """Return how far the clocks of the store and the issuer are ahead, of those that tell a date."""
    offsets: dict[str, float] = {}
    for name, address, trust in addresses(settings):
        async with httpx.AsyncClient(timeout=PATIENCE, verify=trust) as client:
            offset = await date_offset(client, address, clock)
        if offset is not None:
            offsets[name] = offset
    return offsets


def addresses(settings: ServiceSettings) -> Iterator[tuple[str, str, ssl.SSLContext]]:
    """Yield who answers over HTTP, where, and whom to trust on the way."""
    store = settings.object_store_url.get_secret_value()
    if store.startswith("s3:"):
        url = S3Url.parse(store)
        trust = ssl.create_default_context(cafile=url.ca)
        yield "store", f"{'https' if url.tls else 'http'}://{url.endpoint}/", trust
    if settings.auth_issuer != "embedded:":
        yield "issuer", settings.auth_issuer, ssl.create_default_context()


async def date_offset(client: httpx.AsyncClient, address: str, clock: Clock) -> float | None:
    """Return by how many seconds the `Date` of an answer is ahead; None without an answer, which another check tells.

    The header is cut to whole seconds, so up to one second behind is none.
    """
    begun = time.monotonic()
    try:
        response = await client.head(address)
        told = parsedate_to_datetime(response.headers["Date"])
    except (httpx.HTTPError, KeyError, ValueError):
        return None
    middle = clock.now() - timedelta(seconds=(time.monotonic() - begun) / 2)
    return outside(told, told + timedelta(seconds=1), middle)


def ahead(told: datetime, told_at: float, clock: Clock) -> float:
    """Return by how many seconds `told` is ahead; it was told at `told_at` of the monotonic clock, perhaps long ago."""
    return (told - clock.now()).total_seconds() + time.monotonic() - told_at


def outside(first: datetime, last: datetime, moment: datetime) -> float:
    """Return how far the span `first` to `last` lies ahead of `moment`, 0 where it holds it."""
    if moment > last:
        return (last - moment).total_seconds()
    return max(0.0, (first - moment).total_seconds())
