"""Look after an installation: its schema, its tokens, its contents and its audit log."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from rich.console import Console

from aktenfluss.audit import service as audit
from aktenfluss.documents import service as documents
from aktenfluss.kernel import Role, SystemClock
from aktenfluss.servicekit import EmbeddedIssuer, open_installation, retry_failed

from .. import household
from ..settings import StandaloneSettings

console = Console()


def migrate(data: Path) -> None:
    """Bring every schema, the bus and the store to this release."""
    asyncio.run(migrate_all(data))
    console.print("Every schema has what this release needs.")


async def migrate_all(data: Path) -> None:
    async with open_installation(StandaloneSettings(data_folder=data)) as installation:
        await installation.prepare(household.MIGRATIONS)


def public_key(data: Path, number: int) -> str:
    """Return a public key of the embedded issuer in PEM, from 1; the first is made where there is none yet.

    Raises ValueError where there are not so many.
    """
    pems = EmbeddedIssuer.open(data.absolute() / "keys", SystemClock()).public_pems
    if number > len(pems):
        raise ValueError(f"issuer.pem holds {len(pems)} keys")
    return pems[number - 1]


def mint_token(data: Path, tenant: str, subject: str, roles: Sequence[Role], lifetime: timedelta) -> str:
    """Return a token of the embedded issuer; raises ValueError for a tenant or subject in the wrong form."""
    issuer = EmbeddedIssuer.open(data.absolute() / "keys", SystemClock())
    return issuer.mint(subject, tenant, roles, lifetime)


def scrub(data: Path) -> int:
    """Read every stored content again, print what was found, and return 1 where one is not sound."""
    return asyncio.run(scrub_all(StandaloneSettings(data_folder=data)))


async def scrub_all(settings: StandaloneSettings) -> int:
    async with household.open_part(settings, "documents") as resources:
        report = await documents.scrub(resources)()
    console.print(
        f"{report.checked} contents: {report.sound} sound, {report.missing} missing, {report.changed} changed."
    )
    if report.unreadable:
        named = "\n".join(report.unread)
        console.print(f"{report.unreadable} unreadable:\n{named}", style="red", soft_wrap=True)
    return 0 if report.checked == report.sound else 1


def retry_texts(data: Path) -> int:
    """Let the pages be read again whose text could not be read."""
    count = asyncio.run(retry_all_texts(StandaloneSettings(data_folder=data)))
    console.print(f"{count} pages will be read again.")
    return 0


async def retry_all_texts(settings: StandaloneSettings) -> int:
    async with household.open_part(settings, "documents") as resources:
        return await documents.retry_texts(resources)()


def verify(data: Path) -> int:
    """Recompute the audit log, name the first bad record, and return 1 where there is one."""
    return asyncio.run(verify_all(StandaloneSettings(data_folder=data)))


async def verify_all(settings: StandaloneSettings) -> int:
    async with household.open_part(settings, "audit") as resources:
        report = await audit.verification(settings, resources)()
    console.print(
        f"{report.records} records, {report.checkpoints} checkpoints, "
        f"sealed until {report.sealed_until or 'never'}, {report.unsealed} not sealed yet."
    )
    if report.first_bad is None:
        console.print("The audit log is sound.")
        return 0
    bad = report.first_bad
    console.print(
        f"{bad.rule}: record {bad.position} of {bad.tenant_id}, event {bad.event_id or 'missing'}.", style="red"
    )
    if bad.missing_key:
        console.print(
            f"Its checkpoint names the key {bad.missing_key}, which audit.pem does not hold. "
            "Put the public half of that key behind the key in audit.pem, and verify again."
        )
    return 1


def retry_jobs(data: Path) -> int:
    """Queue again the jobs that failed for good; the running services take them up."""
    count = asyncio.run(retry_all_jobs(StandaloneSettings(data_folder=data)))
    console.print(f"{count} failed jobs will be done again.")
    return 0


async def retry_all_jobs(settings: StandaloneSettings) -> int:
    count = 0
    for name in household.MIGRATIONS:
        async with household.open_part(settings, name) as resources:
            count += await retry_failed(resources.jobs)
    return count
