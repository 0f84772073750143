"""Text is recognised by the process that has a model, whoever else works for the service."""

import io
from contextlib import ExitStack

import pytest
from PIL import Image, ImageDraw, ImageFont
from tools.servers import latin_model

from aktenfluss.kernel import Role, digest_of

from .cluster import wait_until

pytestmark = pytest.mark.servers


def scan(text: str) -> bytes:
    page, target = Image.new("L", (2480, 3508), 255), io.BytesIO()
    ImageDraw.Draw(page).text((300, 400), text, font=ImageFont.load_default(60))
    page.save(target, "PDF", resolution=300)
    return target.getvalue()


def test_a_scan_is_read_by_the_worker_that_can(cluster):
    content = scan("Aufenthaltstitel")
    digest = digest_of(content)
    with ExitStack() as running:
        api = running.enter_context(cluster.process("documents", "--role", "api"))
        running.enter_context(cluster.process("documents", "--role", "worker"))
        with api.client(cluster.token(Role.CONTRACTOR)) as contractor:
            assert contractor.put(f"/v1/contents/{digest}", content=content).status_code == 201
        service = running.enter_context(api.client(cluster.token(Role.SERVICE)))
        new = {"content": digest, "media_type": "application/pdf", "page_count": 1}
        [made] = service.post("/v1/documents", json={"documents": [new]}).json()["documents"]
        running.enter_context(cluster.process("documents", "--role", "worker", OCR_MODEL=str(latin_model())))

        path = f"/v1/documents/{made['id']}"
        wait_until(lambda: service.get(f"{path}/text").json()["recognised"] == 1)

        assert service.get(f"{path}/pages/1/text").json()["text"] == "Aufenthaltstitel"
