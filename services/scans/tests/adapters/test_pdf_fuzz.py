"""Whatever bytes come: a PDF is measured or refused by a rule, and nothing else happens."""

import zlib

import pikepdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aktenfluss.delivery import order_item_id
from aktenfluss.scans.adapters.pdf_inspection import inspect
from aktenfluss.scans.adapters.pdf_structure import PdfRefusedError
from aktenfluss.scans.domain.rules import Rule

from .. import papers

SEEDS = [
    papers.led_pdf(order_item_id(4711), 2),
    papers.form_bomb(depth=3, each=1),
    papers.launch(),
    papers.saved(papers.blank(), object_stream_mode=pikepdf.ObjectStreamMode.generate),
]
WORDS = [
    b"/Kids",
    b"/Pages",
    b"/Type",
    b"/MediaBox",
    b"/Filter",
    b"/Length",
    b"/Width",
    b"/Root",
    b"/Resources",
    b"obj",
]
PIECES = [*WORDS, b"null", b"[]", b"<<>>", b"-1", b"1e99", b"(x)", b"99 0 R", b"1 0 R", b"true", b"\0", b"/A#00"]


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    return tmp_path_factory.mktemp("fuzz") / "scan.pdf"


def verdict(path, content: bytes) -> str:
    path.write_bytes(content)
    try:
        answer = inspect(str(path), with_codes=True)
    except PdfRefusedError as refusal:
        return Rule.named(refusal.rule).value
    assert answer["page_count"] >= 1
    return "measured"


@settings(max_examples=120, deadline=None)
@given(seed=st.sampled_from(SEEDS), place=st.floats(0, 1), piece=st.sampled_from(PIECES), cut=st.integers(0, 12))
def test_a_pdf_with_a_foreign_piece_is_measured_or_refused(path, seed, place, piece, cut):
    start = int(place * len(seed))
    verdict(path, seed[:start] + piece + seed[start + cut :])


@settings(max_examples=80, deadline=None)
@given(seed=st.sampled_from(SEEDS), word=st.sampled_from(WORDS), piece=st.sampled_from(PIECES))
def test_a_pdf_with_exchanged_words_is_measured_or_refused(path, seed, word, piece):
    """The table of objects stays right: the broken object itself is read."""
    verdict(path, seed.replace(word, piece.ljust(len(word))[: len(word)]))


@settings(max_examples=60, deadline=None)
@given(seed=st.sampled_from(SEEDS), place=st.floats(0, 1, exclude_max=True))
def test_a_truncated_pdf_is_refused(path, seed, place):
    # The last line may lack its end: nothing is lost by that.
    assert verdict(path, seed[: int(place * (len(seed) - 8))]) == "pdf-unreadable"


@settings(max_examples=30, deadline=None)
@given(content=st.binary(max_size=2_000))
def test_bytes_that_are_no_pdf_are_refused(path, content):
    assert verdict(path, content) == "pdf-unreadable"


VALUES = st.sampled_from(
    [None, True, 1, -1, "x", pikepdf.Name.A, pikepdf.Array([]), pikepdf.Array([1, "x"]), pikepdf.Dictionary(A=1)]
)
ENTRIES = [
    "Type",
    "Kids",
    "MediaBox",
    "UserUnit",
    "Resources",
    "Contents",
    "Annots",
    "S",
    "Subtype",
    "Fields",
    "Filter",
]


@settings(max_examples=80, deadline=None)
@given(entry=st.sampled_from(ENTRIES), value=VALUES)
def test_a_page_with_an_entry_of_another_kind_is_measured_or_refused(path, entry, value):
    pdf = papers.blank()
    page = pdf.pages[0].obj
    if value is not None:
        page[f"/{entry}"] = value
    elif f"/{entry}" in page:
        del page[f"/{entry}"]
    verdict(path, papers.raw(pdf))


@settings(max_examples=80, deadline=None)
@given(
    entry=st.sampled_from([*ENTRIES, "Width", "Height", "XObject", "Length"]),
    value=VALUES,
    kind=st.sampled_from(["Form", "Image"]),
)
def test_a_stream_with_an_entry_of_another_kind_is_measured_or_refused(path, entry, value, kind):
    pdf = papers.blank()
    stream = pdf.make_stream(zlib.compress(b" "), Type=pikepdf.Name.XObject, Filter=pikepdf.Name.FlateDecode)
    stream.Subtype = pikepdf.Name(f"/{kind}")
    if value is not None:
        stream.stream_dict[f"/{entry}"] = value
    pdf.pages[0].Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(X=stream))
    verdict(path, papers.saved(pdf, stream_decode_level=pikepdf.StreamDecodeLevel.none, compress_streams=False))
