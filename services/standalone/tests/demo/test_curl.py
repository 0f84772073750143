"""The lines to try alone: they can be pasted into a shell, and they are really sent."""

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from threading import Thread

import pytest
from PIL import Image

from aktenfluss.standalone.demo.curl import Line, write_token_file


class Office(BaseHTTPRequestHandler):
    """Answers with a page, or with JSON to whom shows the right token."""

    def do_GET(self):
        allowed = self.headers.get("Authorization") == "Bearer clerk" or "grant=" in self.path
        self.send_response(200 if allowed else 401)
        self.end_headers()
        self.wfile.write(page() if self.path.startswith("/page") else b'{"items": []}')

    def log_message(self, *_):
        pass


def page() -> bytes:
    image = BytesIO()
    Image.new("1", (2480, 3508), 1).save(image, "PNG")
    return image.getvalue()


@pytest.fixture
def url():
    with ThreadingHTTPServer(("127.0.0.1", 0), Office) as server:
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture(params=["curl", "without curl"])
def way(request, monkeypatch):
    """Run with what is installed, and as on a machine without curl."""
    if request.param == "without curl":
        monkeypatch.setenv("PATH", "")


@pytest.mark.usefixtures("way")
async def test_json_is_shown(url, tmp_path):
    token = write_token_file(tmp_path / "clerk.header", "clerk")
    assert await Line("the list", f"{url}/list", token).run() == '{\n  "items": []\n}'


@pytest.mark.usefixtures("way")
async def test_an_image_is_measured(url, tmp_path):
    answer = await Line("a page", f"{url}/page?grant=x", image=tmp_path / "page.png").run()
    assert answer == f"PNG 2480 x 3508, {len(page()):,} bytes"


@pytest.mark.usefixtures("way")
async def test_a_refusal_is_no_answer(url, tmp_path, capfd):
    token = write_token_file(tmp_path / "clerk.header", "forged")
    assert await Line("the list", f"{url}/list", token).run() is None


def test_a_line_can_be_pasted_into_a_shell(tmp_path):
    line = Line("the list", "http://127.0.0.1:1/list?a=1&b=2", tmp_path / "clerk.header")
    assert str(line) == f"curl -fsS -H @{tmp_path}/clerk.header 'http://127.0.0.1:1/list?a=1&b=2'"


def test_only_the_owner_reads_the_token(tmp_path):
    path = write_token_file(tmp_path / "clerk.header", "secret")
    assert path.stat().st_mode & 0o077 == 0
    assert path.read_text() == "Authorization: Bearer secret\n"
