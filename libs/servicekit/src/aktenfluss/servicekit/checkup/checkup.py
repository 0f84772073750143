"""Goes through all checks of an installation, whether it runs or not."""

import asyncio
from collections.abc import Mapping, Sequence

from aktenfluss.kernel import Clock, SystemClock

from ..database.databases import is_embedded
from ..database.limits import Limits
from ..errors import SettingsError
from ..identity import OidcIssuer
from ..identity.key_file import KeyFileOpenError
from ..process.buses import BUS, BUS_MIGRATIONS, kafka_address
from ..process.installation import Installation, open_installation
from ..settings import ServiceSettings
from .bus import kafka
from .children import children
from .clock import ahead, clocks, date_offsets
from .connections import connections
from .database import Seen, look_at
from .finding import Finding, Outcome, failure
from .issuer import issuer, own_key
from .limits import limits
from .store import store


async def check_up(settings: ServiceSettings, schemas: Mapping[str, str], clock: Clock | None = None) -> list[Finding]:
    """Return what every check found; `schemas` names the package of migrations of each database.

    Nothing is made or changed but one object in the store, which is deleted at once.
    """
    if is_embedded(settings) and not (settings.data_folder / "postgres" / "PG_VERSION").exists():
        way_out = "Name its folder with --data; `aktenfluss serve` makes a new one."
        return [failure("installation", f"there is none in {settings.data_folder}", way_out)]
    try:
        async with open_installation(settings, clock) as installation:
            return await examine(installation, schemas, clock or SystemClock())
    except (SettingsError, KeyFileOpenError) as exc:
        return [failure("settings", str(exc), "Put right what is named; docs/configuration.md tells the form.")]


async def examine(installation: Installation, schemas: Mapping[str, str], clock: Clock) -> list[Finding]:
    settings = installation.settings
    seen, offsets = await look_at_databases(installation, schemas, clock)
    key = installation.key_folder / "issuer.pem"
    return [
        *(finding for one in seen for finding in one.findings),
        *connections(seen, settings),
        *await kafka(settings),
        *await store(installation.store),
        await own_key(installation.issuer, installation.verifier, key, clock),
        *([] if settings.auth_issuer == "embedded:" else [await issuer(OidcIssuer(settings.auth_issuer, clock))]),
        clocks(offsets | await date_offsets(settings, clock)),
        *limits(settings.data_folder.absolute()),
        await children(),
    ]


async def look_at_databases(
    installation: Installation, schemas: Mapping[str, str], clock: Clock
) -> tuple[list[Seen], dict[str, float]]:
    """Look at the database of each service, and of the bus where it is in PostgreSQL; return also how its clock goes."""
    names = dict(schemas) if kafka_address(installation.settings) else {**schemas, BUS: BUS_MIGRATIONS}
    seen: list[Seen] = []
    offsets: dict[str, float] = {}
    for name, package in names.items():
        one = await asyncio.to_thread(
            look_at, installation.databases, name, package, Limits.of(installation.settings), has_work=name != BUS
        )
        if one.now:
            offsets["database"] = ahead(one.now, one.told_at, clock)
        seen.append(one)
    return seen, offsets


def worst(findings: Sequence[Finding]) -> Outcome:
    """Return the worst of the outcomes."""
    order = list(Outcome)
    return max((finding.outcome for finding in findings), key=order.index, default=Outcome.OK)
