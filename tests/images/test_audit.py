"""What counts as a fault of the audit, and what the command says of it; the database is one of our own here."""

import json
import subprocess
import sys
import threading
from contextlib import contextmanager
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from tools.images.audit import Accepted, Finding, NoAnswerError, Report, accepted, ask, faults, report_of
from tools.images.store import ROOT, ImagesError

TODAY = date(2026, 11, 23)
FINDING = Finding("pillow", frozenset({"PYSEC-1", "CVE-2026-1"}), ("13.0",))
REPORT = Report([FINDING], [], judged=2)
VULNERABLE = {
    "id": "CVE-2026-1",
    "modified": "2026-01-01T00:00:00Z",
    "affected": [
        {
            "package": {"name": "pillow", "ecosystem": "PyPI"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "13.0"}]}],
        }
    ],
}


def test_a_finding_is_a_fault():
    assert list(faults(REPORT, [], TODAY)) == ["pillow: CVE-2026-1, PYSEC-1, fixed in 13.0"]


def test_an_exception_holds_until_its_day_has_passed():
    exception = Accepted("CVE-2026-1", TODAY, "only TIFF is concerned")

    assert list(faults(REPORT, [exception], TODAY)) == []
    assert len(list(faults(REPORT, [exception], date(2026, 11, 24)))) == 2


@pytest.mark.parametrize(
    "exception", [Accepted("CVE-2026-1", TODAY, " "), Accepted("CVE-2026-2", TODAY, "another one")]
)
def test_an_exception_without_reason_or_for_something_else_is_none(exception):
    assert len(list(faults(REPORT, [exception], TODAY))) == 2


def test_an_exception_that_is_not_needed_any_more_is_a_fault():
    (fault,) = faults(Report([], [], judged=2), [Accepted("CVE-2026-1", TODAY, "only TIFF is concerned")], TODAY)

    assert "not needed any more" in fault


def test_an_exception_says_everything(tmp_path):
    (tmp_path / "exceptions.toml").write_text('[[exception]]\nid = "CVE-2026-1"\n')

    with pytest.raises(ImagesError, match="until"):
        accepted(tmp_path / "exceptions.toml")


def test_the_exceptions_of_the_product_can_be_read():
    assert [found for found in accepted() if not found.why.strip()] == []


def test_a_database_that_knows_nothing_has_not_answered():
    with pytest.raises(NoAnswerError, match="knows none of 1 packages: not found"):
        report_of([{"name": "pillow", "skip_reason": "not found"}])


@pytest.fixture
def database(monkeypatch):
    with serving(monkeypatch, lambda name: (200, json.dumps({"vulns": [VULNERABLE]} if name == "pillow" else {}))):
        yield


@contextmanager
def serving(monkeypatch, answer):
    """Answer for a package what `answer` makes of its name: status and body."""

    class Database(BaseHTTPRequestHandler):
        def do_POST(self):
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            status, body = answer(asked["package"]["name"])
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Database) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setenv("AUDIT_OSV_URL", f"http://127.0.0.1:{server.server_port}/v1/query")
        yield
        server.shutdown()


def test_the_database_is_asked_for_every_package(database):
    report = ask("idna==3.10\npillow==12.0\n")

    assert report == Report([Finding("pillow", frozenset({"CVE-2026-1"}), ("13.0",))], [], judged=2)


def audit():
    command = [sys.executable, "-m", "tools.images", "audit"]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_the_command_fails_for_a_finding(database):
    done = audit()

    assert done.returncode == 1
    assert "audit: pillow: CVE-2026-1, fixed in 13.0" in done.stderr


def test_the_command_says_where_nothing_answers_and_why(monkeypatch):
    monkeypatch.setenv("AUDIT_OSV_URL", "http://127.0.0.1:1/v1/query")

    done = audit()

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(
        "audit: NOT MADE, the database of known vulnerabilities does not answer from here: req"
    )
    assert "Connection refused" in done.stdout


def test_a_proxy_that_refuses_is_named_as_the_reason(monkeypatch):
    monkeypatch.delenv("AUDIT_OSV_URL", raising=False)
    for name in ("NO_PROXY", "no_proxy", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HTTPS_PROXY", "http://user:s3cret@127.0.0.1:1")

    with pytest.raises(NoAnswerError, match=r"ProxyError.*Connection refused") as told:
        ask("idna==3.10\n")
    assert "s3cret" not in str(told.value)


@pytest.mark.parametrize("status", [429, 503])
def test_a_database_out_of_order_or_asked_too_often_has_not_answered(monkeypatch, status):
    with serving(monkeypatch, lambda _: (status, "")), pytest.raises(NoAnswerError, match=f"HTTPError: {status}"):
        ask("idna==3.10\n")


@pytest.mark.parametrize("answer", [(200, "<html>"), (400, "")])
def test_what_answers_and_is_no_database_fails(monkeypatch, answer):
    with (
        serving(monkeypatch, lambda _: answer),
        pytest.raises(ImagesError, match=r"pip-audit failed: requests\.exceptions\..*(JSONDecodeError|400)") as told,
    ):
        ask("idna==3.10\n")
    assert not isinstance(told.value, NoAnswerError)


def test_a_list_that_pip_audit_cannot_read_fails_with_its_last_line(database):
    with pytest.raises(ImagesError, match=r"pip-audit failed: ERROR:.*invalid specifier"):
        ask("idna==3.10 or newer ??\n")


def test_an_address_that_is_none_fails_the_command(monkeypatch):
    monkeypatch.setenv("AUDIT_OSV_URL", "no-address")

    done = audit()

    assert done.returncode == 1
    assert done.stderr.startswith("images: pip-audit failed: requests.exceptions.MissingSchema")
