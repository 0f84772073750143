"""Rendering in a child process: bombs and broken files."""

import io
import zlib

import pikepdf
import pypdfium2
import pytest
from PIL import Image

from aktenfluss.documents.adapters.page_renderer import SandboxPageRenderer
from aktenfluss.documents.domain.errors import PageNotRenderableError
from aktenfluss.documents.service import sandbox_of
from aktenfluss.documents.settings import DocumentsSettings
from aktenfluss.servicekit import Sandbox, ServiceUnavailableError


@pytest.fixture(scope="module")
def renderer():
    return SandboxPageRenderer(sandbox_of(DocumentsSettings(page_workers=1, page_seconds=2)))


async def sent(content):
    yield content


async def refused(renderer, content, page=1):
    with pytest.raises(PageNotRenderableError) as caught:
        await renderer.render(sent(content), page)
    return caught.value.members["rule"]


def pdf_of(*objects):
    """Write a PDF by hand: object 1 is the catalogue."""
    out, places = io.BytesIO(b""), []
    out.write(b"%PDF-1.7\n")
    for number, body in enumerate(objects, 1):
        places.append(out.tell())
        out.write(b"%d 0 obj\n%s\nendobj\n" % (number, body))
    start = out.tell()
    out.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1))
    out.writelines(b"%010d 00000 n \n" % place for place in places)
    out.write(b"trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (len(objects) + 1, start))
    return out.getvalue()


def page_with(content, resources=b"<<>>", extra=()):
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources %s>>" % resources
    stream = b"<</Length %d>>stream\n%s\nendstream" % (len(content), content)
    tree = b"<</Type/Pages/Count 1/Kids[3 0 R]>>"
    return pdf_of(b"<</Type/Catalog/Pages 2 0 R>>", tree, page, stream, *extra)


def picture(width, height):
    """Return a page with a grey picture; nested compression makes it small."""
    data = zlib.compress(zlib.compress(bytes(width * height // 100) * 100))
    head = b"<</Type/XObject/Subtype/Image/Width %d/Height %d/ColorSpace/DeviceGray/BitsPerComponent 8" % (
        width,
        height,
    )
    stream = b"%s/Filter[/FlateDecode/FlateDecode]/Length %d>>stream\n%s\nendstream" % (head, len(data), data)
    return page_with(b"q 595 0 0 842 0 0 cm /P Do Q", b"<</XObject<</P 5 0 R>>>>", (stream,))


async def test_a_picture_bomb_is_refused_unread(renderer):
    assert await refused(renderer, picture(20_000, 20_000)) == "too-many-pixels"


async def test_a_large_drawing_is_rendered(renderer):
    assert (await renderer.render(sent(picture(5_000, 7_000)), 1)).startswith(b"\x89PNG")


@pytest.mark.parametrize(("colour", "mode"), [(b"1 0 0 rg", "RGB"), (b"0.5 g", "L")])
async def test_a_page_keeps_the_colour_it_has(renderer, colour, mode):
    image = await renderer.render(sent(page_with(colour + b" 0 0 300 300 re f")), 1)
    assert Image.open(io.BytesIO(image)).mode == mode


async def test_a_page_bomb_is_refused(renderer, pdf):
    assert await refused(renderer, pdf(1, 14_400, 14_400)) == "too-many-pixels"


async def test_a_form_that_draws_itself_is_stopped(renderer):
    head = b"<</Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</F 5 0 R>>>>/Length 11"
    form = b"%s>>stream\n/F Do /F Do\nendstream" % head
    bomb = page_with(b"/F Do", b"<</XObject<</F 5 0 R>>>>", (form,))
    assert (await refused(renderer, bomb)).startswith("limit-")


async def test_forms_that_multiply_are_stopped(renderer):
    count = 12
    resources = b"<</XObject<<%s>>>>" % b"".join(b"/F%d %d 0 R" % (n, 5 + n) for n in range(count))
    forms = []
    for level in range(count):
        body = b"/F%d Do " % (level + 1) * 20 if level + 1 < count else b"0 0 595 842 re f "
        head = b"<</Type/XObject/Subtype/Form/BBox[0 0 595 842]/Resources %s/Length %d>>" % (resources, len(body))
        forms.append(b"%sstream\n%s\nendstream" % (head, body))
    assert (await refused(renderer, page_with(b"/F0 Do", resources, forms))).startswith("limit-")


@pytest.mark.parametrize(
    "content", [b"", b"\xff\xd8\xff\xe0 a JPEG", b"%PDF-1.7\n", b"PK\3\4"], ids=["empty", "jpeg", "cut", "zip"]
)
async def test_what_is_no_pdf_is_refused(renderer, content):
    assert await refused(renderer, content) == "unreadable"


async def test_a_truncated_pdf_is_refused_or_shown_but_never_fatal(renderer, pdf):
    content = pdf(3)
    assert await refused(renderer, content[: len(content) // 3]) == "unreadable"


async def test_a_page_that_the_pdf_does_not_have_is_refused(renderer, pdf):
    assert await refused(renderer, pdf(2), 3) == "page-missing"


async def test_an_encrypted_pdf_is_refused(renderer, pdf):
    target = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf())) as document:
        document.save(target, encryption=pikepdf.Encryption(owner="o", user="u"))
    assert await refused(renderer, target.getvalue()) == "encrypted"


async def test_a_failure_of_the_sender_is_passed_on_and_leaves_no_file(tmp_path):
    renderer = SandboxPageRenderer(sandbox_of(DocumentsSettings()), tmp_path)

    async def failing():
        yield b"%PDF"
        raise ConnectionAbortedError

    with pytest.raises(ConnectionAbortedError):
        await renderer.render(failing(), 1)
    assert list(tmp_path.iterdir()) == []


async def test_children_that_do_not_start_are_waited_for(pdf):
    async with Sandbox("aktenfluss.documents.nothing") as sandbox:
        with pytest.raises(ServiceUnavailableError):
            await SandboxPageRenderer(sandbox).render(sent(pdf()), 1)


def test_the_library_is_the_one_we_know():
    assert pypdfium2.PdfiumError("x", err_code=4).err_code == pypdfium2.raw.FPDF_ERR_PASSWORD
