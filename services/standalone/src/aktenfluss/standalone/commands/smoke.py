"""Give the play of the demo at an installation that runs elsewhere, to see whether it works from end to end."""

import secrets
import tempfile
from pathlib import Path

import httpx
import uvloop
from rich.console import Console

from aktenfluss.kernel import SystemClock
from aktenfluss.servicekit import EmbeddedIssuer

from ..demo import Outcome, RefusedError, Stage, make_plan, play
from .demonstration import demo_tokens

FEWEST_FILES = 6
CATALOG = "/.well-known/api-catalog"
console = Console()


def smoke(data: Path, url: str) -> int:
    """Play with the keys of `data`, in an authority that nobody else has, and return 0 only if every number is as planned.

    What was made up stays there: records are not deleted.
    """
    issuer = EmbeddedIssuer.open(data.absolute() / "keys", SystemClock())
    tenant = f"smoke-{secrets.token_hex(8)}"
    try:
        outcome = uvloop.run(perform(issuer, tenant, url))
    except (httpx.HTTPError, RefusedError, TimeoutError) as exc:
        console.print(f"{tenant}: {type(exc).__name__} {exc}", style="red", markup=False)
        return 1
    for deviation in outcome.deviations:
        console.print(f"not as planned: {deviation}", style="red", markup=False)
    return 0 if outcome.as_planned else 1


async def perform(issuer: EmbeddedIssuer, tenant: str, url: str) -> Outcome:
    """Ask whether the door is open, then play."""
    async with httpx.AsyncClient(base_url=url) as client:
        for path in ("/ready", CATALOG):
            (await client.get(path)).raise_for_status()
    with tempfile.TemporaryDirectory(prefix="aktenfluss-smoke-") as folder:
        return await play(Stage(url, demo_tokens(issuer, tenant), Path(folder), make_plan(FEWEST_FILES), console))
