"""Play the demo in front of a server of its own."""

import contextlib
import socket
import sys
import tempfile
from datetime import timedelta
from pathlib import Path

import uvloop
from rich.console import Console

from aktenfluss.kernel import Role
from aktenfluss.servicekit import EmbeddedIssuer

from ..demo import Outcome, Stage, Tokens, make_plan, play
from ..settings import StandaloneSettings
from .serving import served

TENANT = "offenbach"
TOKEN_LIFETIME = timedelta(hours=12)


def play_demo(data: Path | None, files: int, port: int) -> int:
    """Play in `data` or a fresh folder and return the exit code: 0 only if every number is as planned."""
    with contextlib.ExitStack() as closing:
        folder = data or Path(closing.enter_context(tempfile.TemporaryDirectory(prefix="aktenfluss-demo-")))
        settings = StandaloneSettings(data_folder=folder / "data", port=port or free_port(), log_level="error")
        outcome = uvloop.run(perform(settings, folder, files, Console()))
    return 0 if outcome.as_planned else 1


async def perform(settings: StandaloneSettings, folder: Path, files: int, console: Console) -> Outcome:
    """Serve, play and tell what deviates; at a terminal go on serving until Ctrl-C."""
    async with served(settings) as household:
        base_url = f"http://127.0.0.1:{settings.port}"
        tokens = demo_tokens(household.installation.issuer)
        outcome = await play(Stage(base_url, tokens, folder, make_plan(files), console), household.stop)
        for deviation in outcome.deviations:
            console.print(f"not as planned: {deviation}", style="red")
        if sys.stdin.isatty() and sys.stdout.isatty():
            console.print(f"Still serving at {base_url}, so that you can try the lines above. Ctrl-C ends it.")
            await household.stop.wait()
    return outcome


def demo_tokens(issuer: EmbeddedIssuer, tenant: str = TENANT) -> Tokens:
    """Return a token for each role in the play, at the authority `tenant`."""
    return Tokens(
        records_manager=mint(issuer, tenant, Role.RECORDS_MANAGER),
        contractor=mint(issuer, tenant, Role.CONTRACTOR),
        clerk=mint(issuer, tenant, Role.CLERK),
        auditor=mint(issuer, tenant, Role.AUDITOR),
    )


def mint(issuer: EmbeddedIssuer, tenant: str, role: Role) -> str:
    return issuer.mint(f"demo:{role}", tenant, [role], TOKEN_LIFETIME)


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
