import json

import pytest
from typer.testing import CliRunner

from aktenfluss.delivery import format_index, open_delivery
from aktenfluss.delivery.cli import app
from aktenfluss.delivery.console import ExitCode

from .box import ITEMS, box_info, box_rows
from .fake_server import Answer

FINDING = {"rule": "page-count", "place": "data/x.pdf", "item": ITEMS[0], "detail": "[bold]3", "way_out": "Scan again."}


def run(*arguments, **env):
    return CliRunner().invoke(app, [str(argument) for argument in arguments], env=env or None)


def push(bag, server, *options, token="secret"):
    result = run("push", bag, server.url, "--json", *options, AKTENFLUSS_TOKEN=token)
    return result.exit_code, json.loads(result.stdout)


@pytest.fixture
def drafts(tmp_path):
    lines = [x for x in box_info().format().splitlines() if not x.startswith(("Payload-Oxum", "BagIt-Profile"))]
    (tmp_path / "info.txt").write_text("\n".join(lines))
    (tmp_path / "index.csv").write_text(format_index(box_rows()))
    return tmp_path


def build(drafts, scans, *options):
    arguments = ("--source", scans, "--index", drafts / "index.csv", "--info", drafts / "info.txt")
    return run("build", drafts / "built", *arguments, *options)


def test_what_was_built_passes_the_check_and_is_pushed(drafts, scans, server):
    assert build(drafts, scans).exit_code == ExitCode.OK
    assert run("check", drafts / "built").exit_code == ExitCode.OK
    code, told = push(drafts / "built", server)
    assert (code, told["transferred"], told["skipped"], told["state"]) == (ExitCode.OK, 5, 0, "received")
    code, told = push(drafts / "built", server)
    assert (code, told["transferred"], told["skipped"], told["bytes"]) == (ExitCode.OK, 0, 5, 0)


def test_building_says_what_was_built(drafts, scans):
    told = json.loads(build(drafts, scans, "--json").stdout)
    assert told == {"exit_code": 0, "delivery": open_delivery(drafts / "built").id, "files": 5, "findings": []}


def test_a_broken_index_is_not_built(drafts, scans):
    (drafts / "index.csv").write_text("file_id\n")
    result = build(drafts, scans, "--json")
    assert result.exit_code == ExitCode.INVALID_DELIVERY
    assert [finding["rule"] for finding in json.loads(result.stdout)["findings"]] == ["index-header"]


def test_a_target_that_cannot_be_written_is_told(drafts, scans):
    (drafts / "built").mkdir()
    (drafts / "built" / "data").write_text("a file in the way")
    assert build(drafts, scans).exit_code == ExitCode.FILE_SYSTEM


def test_a_check_shows_its_findings_to_people(bag):
    next(bag.rglob("*.pdf")).unlink()
    result = run("check", bag)
    assert result.exit_code == ExitCode.INVALID_DELIVERY
    assert "file-missing" in result.stdout
    assert "1 finding" in result.stdout


def test_a_check_shows_its_findings_to_machines(bag):
    (bag / "fetch.txt").write_text("")
    told = json.loads(run("check", bag, "--json").stdout)
    assert told["exit_code"] == ExitCode.INVALID_DELIVERY
    assert told["findings"][0].keys() == {"rule", "place", "item", "detail", "way_out"}


@pytest.mark.parametrize(
    "arguments",
    [
        ("check", "/does/not/exist"),
        ("push", ".", "ftp://example.test", "--token", "x"),
        ("push", ".", "https://example.test:port", "--token", "x"),
        ("push", ".", "https://example.test", "--token", "two words"),
        ("push", ".", "https://example.test", "--token", "x", "--parallel", "0"),
    ],
)
def test_a_wrong_command_line_is_told(arguments):
    assert run(*arguments).exit_code == ExitCode.USAGE


def test_a_push_without_a_token_is_a_wrong_command_line(bag):
    assert run("push", bag, "https://example.test").exit_code == ExitCode.USAGE


def test_an_invalid_delivery_is_not_pushed(bag, server):
    (bag / "bagit.txt").write_text("")
    code, told = push(bag, server)
    assert code == ExitCode.INVALID_DELIVERY
    assert told["findings"]
    assert server.requests == []


def test_a_wrong_token_is_refused(bag, server):
    code, told = push(bag, server, token="wrong")
    assert (code, told["problem"]) == (ExitCode.SERVER_REFUSED, "server-refused")


def test_a_file_that_the_server_refuses_is_told(bag, server):
    next(bag.rglob("*.pdf")).write_bytes(b"%PDF-corrupted")
    code, told = push(bag, server)
    assert (code, told["unsent"]) == (ExitCode.SERVER_REFUSED, 1)
    assert push(bag, server, "--accept-missing")[0] == ExitCode.FINDINGS


def test_a_missing_file_is_told(bag, server):
    next(bag.rglob("*.pdf")).unlink()
    assert push(bag, server)[0] == ExitCode.INVALID_DELIVERY


def test_a_server_that_does_not_recover_is_told(bag, server):
    server.planned += [("PUT", "/v1/deliveries/", Answer(503, headers={"Retry-After": "0"}))] * 40
    code, told = push(bag, server)
    assert (code, told["problem"]) == (ExitCode.UNREACHABLE, "server-unavailable")


def test_waiting_tells_the_findings_of_the_check(bag, server):
    server.findings = [FINDING]
    code, told = push(bag, server, "--wait")
    assert (code, told["state"], told["findings"]) == (ExitCode.FINDINGS, "checked", [FINDING])


def test_findings_of_the_server_are_shown_as_they_are(bag, server):
    server.planned += [("PUT", "/v1/deliveries/", Answer(422, {"type": "/problems/x", "findings": [FINDING]}))]
    result = run("push", bag, server.url, "--token", "secret")
    assert result.exit_code == ExitCode.SERVER_REFUSED
    assert f"page-count\n  data/x.pdf (item {ITEMS[0]}): [bold]3\n  Way out: Scan again.\n" in result.stdout


def test_people_read_what_became_of_each_item(bag, server):
    server.items = [{"item": ITEMS[0], "outcome": "accepted"}]
    result = run("push", bag, server.url, "--token", "secret", "--wait")
    assert f"items: item {ITEMS[0]}, outcome accepted\ndone" in result.stdout


def test_the_help_names_the_exit_codes():
    for command in ((), ("build",), ("check",), ("push",)):
        text = " ".join(run(*command, "--help", COLUMNS="400").stdout.split())
        assert all(code.meaning in text for code in ExitCode)
