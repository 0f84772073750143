"""The images as they run: who the process is, what it cannot do, that all of it is there, how large and who made it."""

import json
import time
import tomllib
from pathlib import Path
from urllib.request import urlopen

import pytest
from tools.images.product import SERVICES
from tools.servers.process import free_port

pytestmark = [pytest.mark.images, pytest.mark.xdist_group("images")]
ROOT = Path(__file__).resolve().parents[2]
LIMIT_BYTES = 150_000_000
LARGER = {"documents-ocr": 320_000_000, "standalone": 250_000_000}
"""The one has an engine and its model, the other all services and a PostgreSQL server of its own."""
EVERY_MODULE = """
import importlib, json, os, pkgutil, sys
import aktenfluss
names = [found.name for found in pkgutil.walk_packages(aktenfluss.__path__, "aktenfluss.")]
for name in names:
    if not any(part in name for part in sys.argv[1:]):
        importlib.import_module(name)
print(json.dumps({"modules": len(names), "user": [os.getuid(), os.getgid()], "root": os.access("/opt", os.W_OK)}))
"""
READ_A_PAGE = """
import asyncio, io
from PIL import Image, ImageDraw, ImageFont
from aktenfluss.documents.service import recogniser_of
from aktenfluss.documents.settings import DocumentsSettings

page, scan = Image.new("L", (2480, 3508), 255), io.BytesIO()
ImageDraw.Draw(page).text((300, 400), "Aufenthaltstitel", font=ImageFont.load_default(60))
page.save(scan, "PDF", resolution=300)

async def sent():
    yield scan.getvalue()

async def main():
    recogniser = recogniser_of(DocumentsSettings(ocr_model="/usr/share/tessdata/Latin.traineddata"))
    async for text in recogniser.recognise(sent(), [1]):
        print(text.text)

asyncio.run(main())
"""
NOT_LOADED = ["__main__", "migrations"]
COMMAND_LINE = ["aktenfluss.delivery.cli", "aktenfluss.delivery.console"]
"""An extra of the library, which `scans` does without."""
ENGINE = ["aktenfluss.documents.adapters.pdf_text"]
"""What recognises text, which is in one image alone."""
services = pytest.mark.parametrize("service", SERVICES)


@services
def test_every_module_loads_as_a_user_who_can_write_nothing(product, service):
    left_out = {"scans": COMMAND_LINE, "documents": ENGINE, "standalone": ENGINE}
    not_loaded = NOT_LOADED + left_out.get(service, [])

    done = product.run(service, "-c", EVERY_MODULE, *not_loaded, program="python")

    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert said["modules"] > 15
    assert (said["user"], said["root"]) == ([10001, 10001], False)


@services
@pytest.mark.parametrize("program", ["sh", "bash", "/bin/sh", "apt", "dpkg", "pip", "perl"])
def test_there_is_no_shell_and_nothing_to_install_with(product, service, program):
    done = product.run(service, program=program)

    assert done.returncode == 127, done.stderr
    assert "not found" in done.stderr or "no such file" in done.stderr


@services
def test_it_begins_with_its_own_program(product, service):
    done = product.run(service, "--help")

    assert done.returncode == 0, done.stderr
    assert ("aktenfluss-delivery" if service == "delivery" else "serve") in done.stdout


@services
def test_it_keeps_within_its_size(product, service):
    assert product.configuration(service)["Size"] <= LARGER.get(service, LIMIT_BYTES)


@services
def test_it_says_what_it_is(product, service):
    configuration = product.configuration(service)["Config"]
    labels = configuration["Labels"]
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]

    assert configuration["User"] == "10001:10001"
    assert configuration["Entrypoint"] == ["start"]
    assert labels["org.opencontainers.image.title"] == f"aktenfluss-{service}"
    assert labels["org.opencontainers.image.version"] == version
    assert len(labels["org.opencontainers.image.revision"].removesuffix("-changed")) == 40


def test_the_worker_with_a_model_recognises_text(product):
    done = product.run("documents-ocr", "-c", READ_A_PAGE, program="python")

    # A line of the log may come first: where an engine forbids namespaces, children keep the network, and are told of.
    assert (done.stdout.splitlines()[-1:], done.returncode) == (["Aufenthaltstitel"], 0), done.stderr


def test_a_worker_without_the_engine_refuses_a_model(product):
    done = product.run(
        "documents", "-c", READ_A_PAGE.replace("/usr/share/tessdata/Latin.traineddata", "/etc/passwd"), program="python"
    )

    assert "OCR_MODEL: nothing here recognises text; take the image documents-ocr" in done.stderr


def test_a_service_answers_and_ends_in_order(product):
    port = free_port()
    with product.running("gateway", PORT=port, HOST="127.0.0.1", SECRET="s" * 32) as container:
        assert wait_for_live(port, lambda: product.engine.attempt("logs", container).stderr) == 200
        product.engine("stop", "--time=20", container)
        (found,) = json.loads(product.engine("inspect", container))

    assert found["State"]["ExitCode"] == 0


def wait_for_live(port, tell):
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            with urlopen(f"http://127.0.0.1:{port}/live", timeout=2) as answer:
                return answer.status
        except OSError:
            time.sleep(0.1)
    return tell()
