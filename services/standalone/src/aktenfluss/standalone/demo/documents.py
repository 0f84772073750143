"""Scans bound into PDF/A documents, page by page, so that no more than one page is in memory."""

from collections.abc import Iterable
from datetime import date
from functools import cache
from pathlib import Path

import pikepdf
from pikepdf import Array, Dictionary, Name
from PIL import ImageCms

from .scans import Scan

_SOFTWARE = "Scanstraße 4"


def write_document(path: Path, title: str, scanned_on: date, scans: Iterable[Scan]) -> int:
    """Write the scans as PDF/A-2b and return how many there were; the same scans give the same bytes."""
    pdf = pikepdf.new()
    for scan in scans:
        _add_page(pdf, scan)
    _claim_archivable(pdf, title, scanned_on)
    pdf.save(path, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.disable)
    return len(pdf.pages)


def _add_page(pdf: pikepdf.Pdf, scan: Scan) -> None:
    image = pdf.make_stream(
        scan.data,
        Type=Name.XObject,
        Subtype=Name.Image,
        Width=scan.width,
        Height=scan.height,
        BitsPerComponent=1,
        ColorSpace=Name.DeviceGray,
        Filter=Name.CCITTFaxDecode,
        DecodeParms=Dictionary(K=-1, Columns=scan.width, Rows=scan.height, BlackIs1=True),
    )
    width, height = scan.width * 72 / 300, scan.height * 72 / 300
    page = pdf.add_blank_page(page_size=(width, height))
    page.Resources = Dictionary(XObject=Dictionary(Scan=image))
    page.Contents = pdf.make_stream(f"q {width:.2f} 0 0 {height:.2f} 0 0 cm /Scan Do Q".encode())


def _claim_archivable(pdf: pikepdf.Pdf, title: str, scanned_on: date) -> None:
    """Add what PDF/A-2b asks for beyond a plain PDF: metadata that says so, and what the colours mean."""
    profile = pdf.make_stream(_srgb_profile(), N=3)
    pdf.Root.OutputIntents = Array(
        [
            Dictionary(
                Type=Name.OutputIntent,
                S=Name.GTS_PDFA1,
                OutputConditionIdentifier="sRGB",
                DestOutputProfile=pdf.make_indirect(profile),
            )
        ]
    )
    with pdf.open_metadata(set_pikepdf_as_editor=False) as metadata:
        metadata["dc:title"] = title
        metadata["pdf:Producer"] = _SOFTWARE
        metadata["xmp:CreateDate"] = f"{scanned_on.isoformat()}T08:00:00+01:00"
        metadata["pdfaid:part"] = "2"
        metadata["pdfaid:conformance"] = "B"


@cache
def _srgb_profile() -> bytes:
    """Return an sRGB profile; its date of making is blanked, or no two processes would make the same bytes."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return profile[:24] + bytes(12) + profile[36:]
