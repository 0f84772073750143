"""A running `documents`, its callers, and the contents that most tests begin with."""

import io
from uuid import UUID

import pypdfium2
import pytest
from reportlab.pdfgen.canvas import Canvas

from aktenfluss.contracts.documents import content_key
from aktenfluss.kernel import Principal, digest_of, new_id


@pytest.fixture
async def documents(house):
    return await house.start("documents", content_limit_bytes=64 << 20)


@pytest.fixture
def caller(documents):
    """Make clients: `caller("clerk")`, `caller("clerk", tenant="hanau")`."""
    return documents.caller


@pytest.fixture
def contractor(caller):
    return caller("contractor")


@pytest.fixture
def service(caller):
    return caller("service")


@pytest.fixture
def stranger(caller):
    return caller("service", tenant="hanau")


@pytest.fixture
def anyone(caller):
    """Return a caller without a token."""
    return caller(None)


@pytest.fixture
def principal():
    return Principal.service("documents", "offenbach")


@pytest.fixture
def put(contractor):
    """Store bytes and return their digest."""

    async def send(content, client=contractor):
        digest = digest_of(content)
        response = await client.put(f"/v1/contents/{digest}", content=content)
        assert response.status_code in (200, 201), response.text
        return digest

    return send


@pytest.fixture
def make_documents(service):
    """Make documents out of contents and return their ids."""

    async def make(*digests, page_count=1, media_type="application/pdf"):
        new = [{"content": digest, "media_type": media_type, "page_count": page_count} for digest in digests]
        response = await service.post("/v1/documents", json={"documents": new})
        assert response.status_code == 201, response.text
        return [document["id"] for document in response.json()["documents"]]

    return make


@pytest.fixture
def file_of(store):
    """Return the file in which the store keeps a content."""
    return lambda digest, tenant="offenbach": store.local_path(content_key(tenant, digest))


@pytest.fixture
def flip(file_of):
    """Change one bit of a stored content behind the service's back."""

    def change(digest, position=0):
        path = file_of(digest)
        content = bytearray(path.read_bytes())
        content[position] ^= 1
        path.write_bytes(content)

    return change


@pytest.fixture
def block(file_of):
    """Put a loop of links in the place of a stored content: the disk refuses to open it, whoever asks."""

    def change(digest):
        path = file_of(digest)
        path.rename(path.with_suffix(".kept"))
        path.symlink_to(path)

    return change


@pytest.fixture
def grant_for(documents):
    """Issue grants as `cases` does."""

    def issue(content, document_id=None, page=None, tenant="offenbach"):
        person = Principal("clerk-1", tenant)
        document_id = UUID(document_id) if document_id else new_id()
        return documents.resources.grants.issue(
            person, case_file_id=CASE_FILE, document_id=document_id, content=content, page=page
        )

    return issue


CASE_FILE = new_id()


@pytest.fixture
def case_file_id():
    return CASE_FILE


@pytest.fixture
def pdf():
    """Make PDFs: `pdf(3)` has three A4 pages."""

    def make(page_count=1, width=595, height=842):
        document = pypdfium2.PdfDocument.new()
        for _ in range(page_count):
            document.new_page(width, height)
        return saved(document)

    return make


@pytest.fixture
def written():
    """Make PDFs whose pages have these texts, as what was never paper has."""

    def make(*texts):
        target = io.BytesIO()
        canvas = Canvas(target)
        for text in texts:
            canvas.drawString(72, 720, text)
            canvas.showPage()
        canvas.save()
        return target.getvalue()

    return make


def saved(document):
    target = io.BytesIO()
    document.save(target)
    document.close()
    return target.getvalue()


@pytest.fixture
def problem_of():
    """Return the body of a problem without the id of its occurrence."""

    def read(response):
        assert response.headers["content-type"] == "application/problem+json"
        body = response.json()
        assert body.pop("instance").startswith("urn:uuid:")
        return body

    return read


@pytest.fixture
def stored_files(store, tmp_path):
    """Return all files of the object store, unfinished ones included."""
    return lambda: sorted(path.name for path in (tmp_path / "objects").rglob("*") if path.is_file())
