"""What counts as a fault of the audit, and what the command says of it; the database is one of our own here."""

import json
import subprocess
import sys
import threading
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from tools.images.audit import Accepted, Finding, Report, accepted, ask, faults, report_of
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
    assert report_of([{"name": "pillow", "skip_reason": "not found"}]) is None


@pytest.fixture
def database(monkeypatch):
    class Database(BaseHTTPRequestHandler):
        def do_POST(self):
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            found = {"vulns": [VULNERABLE]} if asked["package"]["name"] == "pillow" else {}
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps(found).encode())

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


def test_the_command_says_where_nothing_answers(monkeypatch):
    monkeypatch.setenv("AUDIT_OSV_URL", "http://127.0.0.1:1/v1/query")

    done = audit()

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("audit: NOT MADE")
