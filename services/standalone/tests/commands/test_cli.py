"""The command line, as an operator types it."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from uuid import UUID, uuid4

import httpx
import jwt
import pytest
from tools.servers import free_port
from typer.testing import CliRunner, Result

from aktenfluss.kernel import Principal, Role, SystemClock, digest_of
from aktenfluss.servicekit import EmbeddedIssuer, TokenVerifier
from aktenfluss.standalone.cli import app
from aktenfluss.standalone.commands import stock_list
from aktenfluss.standalone.commands.serving import served
from aktenfluss.standalone.household import Household, open_part
from aktenfluss.standalone.settings import StandaloneSettings

PARK = """
INSERT INTO parked_event (id, key, type, tenant, subject, aggregate_version, actor, correlation_id, occurred_at, payload,
                          problem, parked_at)
SELECT id, 'key', 'de.aktenfluss.scans.item-accepted.v1', 'offenbach', 'key', 1, 'test', '', now(), '{}', 'ValueError', now()
FROM unnest($1::uuid[]) id
"""


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments], catch_exceptions=False)


@pytest.fixture
def migrated(data_folder: Path) -> Path:
    result = run("migrate", "--data", data_folder)
    assert (result.exit_code, result.output.strip()) == (0, "Every schema has what this release needs.")
    return data_folder


async def test_a_token_is_that_of_the_embedded_issuer(data_folder: Path) -> None:
    token = run(
        "token", "--data", data_folder, "--role", "clerk", "--role", "auditor", "--tenant", "hanau"
    ).output.strip()
    issuer = EmbeddedIssuer.open(data_folder / "keys", SystemClock())
    principal = await TokenVerifier([issuer.trusted], SystemClock()).verify(token)
    assert principal == Principal("cli", "hanau", frozenset({Role.CLERK, Role.AUDITOR}))


def test_the_public_key_verifies_a_token(data_folder: Path) -> None:
    token = run("token", "--data", data_folder, "--role", "clerk").output.strip()
    pem = run("public-key", "--data", data_folder).output
    assert jwt.decode(token, pem, algorithms=["ES256"], audience="aktenfluss")["sub"] == "cli"


def test_the_key_that_comes_next_is_printed_for_a_door(data_folder: Path) -> None:
    public = [run("public-key", "--data", data_folder / name).output for name in ("old", "new")]
    file = data_folder / "old" / "keys" / "issuer.pem"
    file.write_bytes(file.read_bytes() + (data_folder / "new" / "keys" / "issuer.pem").read_bytes())
    printed = [run("public-key", "--data", data_folder / "old", "--number", number).output for number in (1, 2)]
    assert printed == public
    refused = run("public-key", "--data", data_folder / "old", "--number", 3)
    assert (refused.exit_code, "issuer.pem holds 2 keys" in refused.output) == (2, True)


@pytest.mark.parametrize(
    "wrong", [["--tenant", "Große Stadt"], ["--subject", "a b"], ["--role", "king"], ["--minutes", "0"]]
)
def test_a_token_in_the_wrong_form_is_refused_with_a_reason(data_folder: Path, wrong: list[str]) -> None:
    result = run("token", "--data", data_folder, "--role", "clerk", *wrong)
    assert result.exit_code == 2
    assert "Error" in result.output


def test_an_empty_installation_is_sound(migrated: Path) -> None:
    verified, scrubbed = run("audit", "verify", "--data", migrated), run("scrub", "--data", migrated)
    assert (verified.exit_code, scrubbed.exit_code) == (0, 0)
    assert "The audit log is sound." in verified.output
    assert "0 contents: 0 sound" in scrubbed.output


def test_a_folder_without_an_installation_is_told(data_folder: Path) -> None:
    result = run("audit", "verify", "--data", data_folder)
    assert result.exit_code == 2
    assert "is behind this release" in result.output


def test_parked_events_are_shown_and_tried_again(migrated: Path) -> None:
    assert "Nothing is parked." in run("parked", "list", "--data", migrated).output
    event = uuid4()
    asyncio.run(park(migrated, event))
    listed = run("parked", "list", "--data", migrated).output.replace("\n", "")
    assert "ValueError" in listed
    assert run("parked", "retry", event, "--data", migrated).output.strip() == "1 parked events will be tried again."
    assert run("parked", "retry", uuid4(), "--data", migrated).exit_code == 1
    assert run("parked", "retry", "--data", migrated).exit_code == 0


def test_parked_events_that_are_not_shown_are_counted(migrated: Path) -> None:
    asyncio.run(park(migrated, *(uuid4() for _ in range(203))))
    assert "3 more are not shown." in run("parked", "list", "--data", migrated).output


def test_failed_jobs_are_done_again_when_the_operator_asks(migrated: Path) -> None:
    assert run("jobs", "retry", "--data", migrated).output.strip() == "0 failed jobs will be done again."
    asyncio.run(fail_a_job(migrated))
    assert run("jobs", "retry", "--data", migrated).output.strip() == "1 failed jobs will be done again."


async def fail_a_job(folder: Path) -> None:
    async with (
        open_part(StandaloneSettings(data_folder=folder), "scans") as resources,
        resources.database.session() as c,
    ):
        await c.execute(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, priority, args, status) "
            "VALUES ('checks', 'check_delivery', 0, '{}', 'failed')"
        )


async def park(folder: Path, *events: UUID) -> None:
    async with (
        open_part(StandaloneSettings(data_folder=folder), "cases") as resources,
        resources.database.session() as c,
    ):
        await c.execute(PARK, events)


@pytest.fixture
async def door(data_folder: Path):
    settings = StandaloneSettings(data_folder=data_folder, port=free_port(), log_level="error")
    async with served(settings) as household:
        yield household


async def import_lines(door: Household, folder: Path, *lines: object) -> Result:
    file = folder / "stock.ndjson"
    file.write_text("".join(json.dumps(line) + "\n" for line in lines))
    token = door.installation.issuer.mint("test", "offenbach", [Role.RECORDS_MANAGER])
    url = f"http://127.0.0.1:{door.installation.settings.port}"
    return await asyncio.to_thread(run, "stock", "import", file, "--url", url, "--token", token)


async def test_a_stock_list_is_imported_and_bad_lines_are_named(door: Household, tmp_path: Path) -> None:
    good = {"keeping_authority": "065200", "file_number": "A-1", "family_name": "Öztürk"}
    result = await import_lines(door, tmp_path, good)
    assert (result.exit_code, "created 1" in result.output) == (0, True)
    result = await import_lines(door, tmp_path, good, {"file_number": "A-2"})
    assert (result.exit_code, "line 2:" in result.output, "unchanged 1" in result.output) == (1, True, True)


async def test_a_scrub_names_what_it_could_not_read_and_fails(door: Household, data_folder: Path) -> None:
    settings = door.installation.settings
    token = door.installation.issuer.mint("test", "offenbach", [Role.CONTRACTOR])
    url, headers = f"http://127.0.0.1:{settings.port}", {"Authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(base_url=url, headers=headers) as contractor:
        for content in (b"sound", b"out of reach"):
            (await contractor.put(f"/v1/contents/{digest_of(content)}", content=content)).raise_for_status()
    key = put_out_of_reach(data_folder / "objects", digest_of(b"out of reach"))
    result = await asyncio.to_thread(run, "scrub", "--data", data_folder)
    assert result.exit_code == 1
    assert "2 contents: 1 sound, 0 missing, 0 changed." in result.output
    assert f"1 unreadable:\n{key}" in result.output


def put_out_of_reach(objects: Path, digest: str) -> Path:
    """Put a loop of links in the place of a content: the disk refuses to open it; return its key."""
    [file] = objects.rglob(digest.removeprefix("sha256:"))
    file.unlink()
    file.symlink_to(file)
    return file.relative_to(objects)


async def test_a_refused_import_quotes_the_problem(door: Household, tmp_path: Path) -> None:
    file = tmp_path / "stock.ndjson"
    file.write_text("{}\n")
    url = f"http://127.0.0.1:{door.installation.settings.port}"
    result = await asyncio.to_thread(run, "stock", "import", file, "--url", url, "--token", "forged")
    assert result.exit_code == 1
    assert "unauthenticated" in result.output


@pytest.mark.parametrize(
    ("report", "told"),
    [
        (b"", "RemoteProtocolError"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1f\r\n", "RemoteProtocolError"),
        (b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n<html>", "JSONDecodeError"),
    ],
)
async def test_an_import_that_is_cut_off_is_told_in_a_line(tmp_path: Path, report: bytes, told: str) -> None:
    file = tmp_path / "stock.ndjson"
    file.write_text("{}\n")

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"{}\n")
        writer.write(report)
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        result = await asyncio.to_thread(run, "stock", "import", file, "--url", url, "--token", "x")
    assert (result.exit_code, told in result.output, stock_list.STOPPED in result.output) == (1, True, True)


@pytest.mark.parametrize("address", ["http://127.0.0.1:{port}", "nowhere", "http://[::"])
def test_an_installation_that_is_not_there_is_told_in_a_line(tmp_path: Path, address: str) -> None:
    url = address.format(port=free_port())
    file = tmp_path / "stock.ndjson"
    file.write_text("{}\n")
    result = run("stock", "import", file, "--url", url, "--token", "x")
    assert (result.exit_code, f"{url}: " in result.output) == (1, True)


async def test_a_report_without_an_end_is_told(unfinished: Callable[[], object]) -> None:
    assert stock_list.show_report(unfinished()) == 1


@pytest.fixture
def unfinished() -> Callable[[], object]:
    class Cut:
        """An answer that ends after its first line."""

        def iter_lines(self) -> list[str]:
            return ['{"line": 1, "result": "created"}']

    return Cut
