"""A PDF written piece by piece."""

import io
import zlib

import pikepdf
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aktenfluss.scans.adapters.streamed_pdf import A4, StreamedPdf

FONTS = {"F1": "Helvetica"}


def written(pages: list[str]) -> list[bytes]:
    pdf = StreamedPdf(FONTS)
    return [pdf.start(), *map(pdf.page, pages), pdf.finish()]


@given(st.lists(st.text(st.characters(max_codepoint=255)), min_size=1, max_size=6))
def test_pages_come_back_as_they_were_drawn(pages):
    with pikepdf.open(io.BytesIO(b"".join(written(pages))), attempt_recovery=False) as pdf:
        assert [page.Contents.read_bytes() for page in pdf.pages] == [page.encode("latin-1") for page in pages]


def test_a_page_is_a4_and_knows_its_fonts():
    with pikepdf.open(io.BytesIO(b"".join(written(["BT ET"])))) as pdf:
        page = pdf.pages[0]
        assert [float(side) for side in page.mediabox] == [0, 0, *A4]
        assert page.Resources.Font.F1.BaseFont == "/Helvetica"
        assert pdf.Root.Lang == "de-DE"


def test_pieces_do_not_grow_with_what_was_written_before():
    pieces = written(["0 0 1 1 re f " * 200] * 300)

    sizes = {len(piece) for piece in pieces[1:-1]}
    assert max(sizes) - min(sizes) < 20


def test_the_last_piece_points_at_every_object():
    content = b"".join(written(["BT ET", "BT ET"]))
    table = content[content.index(b"xref\n") :].split(b"trailer")[0].splitlines()[3:]

    for number, row in enumerate(table, 1):
        assert content[int(row.split()[0]) :].startswith(b"%d 0 obj" % number)


def test_text_beyond_latin_1_is_an_error_of_the_drawing():
    with pytest.raises(UnicodeEncodeError):
        StreamedPdf(FONTS).page("(€)")


def test_drawings_are_packed():
    page = written(["0 0 1 1 re f " * 200])[1]
    start = page.index(b"stream\n") + len(b"stream\n")

    assert zlib.decompress(page[start : page.index(b"\nendstream")]).startswith(b"0 0 1 1 re f")
