"""Scans and the PDFs made of them: 300 dpi, black on white, the same bytes from the same throw."""

from datetime import date
from itertools import repeat

import pikepdf
import pypdfium2

from aktenfluss.standalone.demo.chance import dice
from aktenfluss.standalone.demo.documents import write_document
from aktenfluss.standalone.demo.scans import encode, scan
from aktenfluss.standalone.demo.sheet import HEIGHT, WIDTH, Sheet


def a_sheet() -> Sheet:
    sheet = Sheet()
    sheet.heading("Bescheid")
    sheet.paragraph("Sehr geehrte Frau Nguyễn, " * 20)
    return sheet


def test_what_was_encoded_comes_out_dot_by_dot(tmp_path):
    sheet = a_sheet()
    write_document(tmp_path / "a.pdf", "A", date(2026, 1, 2), [encode(sheet.image)])
    with pikepdf.open(tmp_path / "a.pdf") as pdf:
        seen = pikepdf.PdfImage(pdf.pages[0].Resources.XObject.Scan).as_pil_image()
    assert seen.convert("1").tobytes() == sheet.image.tobytes()


def test_it_is_black_on_white(tmp_path):
    write_document(tmp_path / "a.pdf", "A", date(2026, 1, 2), [encode(a_sheet().image)])
    with pypdfium2.PdfDocument(tmp_path / "a.pdf") as pdf:
        shades = pdf[0].render(scale=1, grayscale=True).to_pil().histogram()
    assert shades[255] > 0.8 * sum(shades)


def test_a_scan_is_a_little_askew_and_has_specks():
    blank, written = Sheet().image, a_sheet().image
    assert len(encode(blank).data) < 2_000
    assert len(scan(blank, dice(1)).data) > 2 * len(encode(blank).data)
    assert scan(written, dice(1)).data not in (encode(written).data, scan(written, dice(2)).data)


def test_the_same_throw_gives_the_same_document(tmp_path):
    for name in "ab":
        write_document(tmp_path / name, "A", date(2026, 1, 2), [scan(a_sheet().image, dice(1))])
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_a_document_claims_to_be_archivable_and_says_why(tmp_path):
    written = write_document(tmp_path / "a.pdf", "Akte 1", date(2026, 1, 2), repeat(encode(a_sheet().image), 3))
    with pikepdf.open(tmp_path / "a.pdf") as pdf, pdf.open_metadata() as metadata:
        assert len(pdf.pages) == written == 3
        assert (metadata["pdfaid:part"], metadata["pdfaid:conformance"]) == ("2", "B")
        assert metadata["dc:title"] == "Akte 1"
        assert pdf.Root.OutputIntents[0].S == "/GTS_PDFA1"
        assert [round(float(side)) for side in pdf.pages[0].MediaBox] == [0, 0, 595, 842]
        image = pdf.pages[0].Resources.XObject.Scan
        assert (image.Width, image.Height, image.Filter) == (WIDTH, HEIGHT, "/CCITTFaxDecode")
