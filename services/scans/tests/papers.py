"""Scans as a contractor would send them, and PDFs that nobody should send."""

import io
import zlib
from functools import cache

import pikepdf
import pypdfium2
from pikepdf import Array, Dictionary, Name
from PIL import Image

from aktenfluss.scans.adapters.lead_sheets import lead_sheet_page
from aktenfluss.scans.domain.lead_sheet import LeadSheet

A4 = (595, 842)


@cache
def lead_image(item_id: str, volume: int = 1, dpi: int = 300) -> Image.Image:
    """Scan the printed lead sheet."""
    with pypdfium2.PdfDocument(lead_sheet_page(LeadSheet(item_id, 1, "Karton 1", volume))) as pdf:
        return pdf[0].render(scale=dpi / 72).to_pil().convert("L")


@cache
def paper_image(shade: int = 250) -> Image.Image:
    return Image.new("L", (413, 585), shade)


def scan_pdf(*images: Image.Image) -> bytes:
    pdf = pikepdf.new()
    for image in images:
        _add_page(pdf, image)
    return saved(pdf)


def _add_page(pdf: pikepdf.Pdf, image: Image.Image) -> None:
    jpeg = io.BytesIO()
    image.save(jpeg, "JPEG", quality=60)
    picture = pdf.make_stream(
        jpeg.getvalue(),
        Type=Name.XObject,
        Subtype=Name.Image,
        Width=image.width,
        Height=image.height,
        ColorSpace=Name.DeviceGray,
        BitsPerComponent=8,
        Filter=Name.DCTDecode,
    )
    page = pdf.add_blank_page(page_size=A4)
    page.Resources = Dictionary(XObject=Dictionary(Scan=picture))
    page.Contents = pdf.make_stream(b"q 595 0 0 842 0 0 cm /Scan Do Q")


def saved(pdf: pikepdf.Pdf, **options: object) -> bytes:
    target = io.BytesIO()
    pdf.save(target, deterministic_id="encryption" not in options, **options)
    return target.getvalue()


def led_pdf(item_id: str, page_count: int = 1, volume: int = 1) -> bytes:
    """Return a first document: lead sheet, then paper."""
    return scan_pdf(lead_image(item_id, volume, 150), *[paper_image()] * (page_count - 1))


def plain_pdf(page_count: int = 1, shade: int = 250) -> bytes:
    return scan_pdf(*[paper_image(shade)] * page_count)


def blank() -> pikepdf.Pdf:
    pdf = pikepdf.new()
    pdf.add_blank_page(page_size=A4)
    return pdf


def with_root(**entries: object) -> bytes:
    pdf = blank()
    for name, value in entries.items():
        pdf.Root[f"/{name}"] = value
    return saved(pdf)


def encrypted(user: str) -> bytes:
    return saved(blank(), encryption=pikepdf.Encryption(owner="owner", user=user))


def javascript() -> bytes:
    return with_root(OpenAction=Dictionary(S=Name.JavaScript, JS="app.alert(1)"))


def launch() -> bytes:
    pdf = blank()
    action = Dictionary(S=Name.Launch, F="calc.exe")
    link = Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=Array([0, 0, 9, 9]), A=action)
    pdf.pages[0].Annots = Array([link])
    return saved(pdf)


def attachment() -> bytes:
    pdf = blank()
    pdf.attachments["letter.exe"] = b"MZ"
    return saved(pdf)


def form() -> bytes:
    field = Dictionary(FT=Name.Tx, T="name")
    return with_root(AcroForm=Dictionary(Fields=Array([field])))


def film() -> bytes:
    pdf = blank()
    pdf.pages[0].Annots = Array([Dictionary(Type=Name.Annot, Subtype=Name.Movie, Rect=Array([0, 0, 9, 9]))])
    return saved(pdf)


def page_bomb() -> bytes:
    """Return a page tree in which every node names the next one ten times: a million pages in a few lines."""
    pdf = blank()
    node = pdf.pages[0].obj
    for _ in range(6):
        node = pdf.make_indirect(Dictionary(Type=Name.Pages, Count=10, Kids=Array([node] * 10)))
    pdf.Root.Pages = node
    return raw(pdf)


def page_loop() -> bytes:
    pdf = blank()
    pages = pdf.Root.Pages
    pages.Kids = Array([pages, pages])
    return raw(pdf)


def raw(pdf: pikepdf.Pdf) -> bytes:
    """Write the objects as they are: pikepdf would unfold the page tree."""
    objects = {number: pdf.get_object((number, 0)) for number in range(1, len(pdf.objects) + 1)}
    offsets, out = {}, bytearray(b"%PDF-1.7\n")
    for number, item in objects.items():
        offsets[number] = len(out)
        out += b"%d 0 obj\n%b\nendobj\n" % (number, item.unparse(resolved=True))
    table = len(out)
    rows = b"".join(b"%010d 00000 n \n" % offsets[number] for number in objects)
    out += b"xref\n0 %d\n0000000000 65535 f \n%b" % (len(objects) + 1, rows)
    root = pdf.Root.objgen[0]
    return bytes(out) + b"trailer\n<</Size %d/Root %d 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, root, table)


def huge_page() -> bytes:
    pdf = pikepdf.new()
    pdf.add_blank_page(page_size=(14_400, 14_400))
    return saved(pdf)


def image_bomb(width: int = 100_000, height: int = 100_000) -> bytes:
    pdf = blank()
    pdf.pages[0].Resources = Dictionary(XObject=Dictionary(Scan=_white(pdf, width, height)))
    return saved(pdf)


def image_pile() -> bytes:
    """Return a page with many images, each of which is just small enough."""
    pdf = blank()
    images = {f"/Scan{number}": _white(pdf, 14_000, 14_000) for number in range(3)}
    pdf.pages[0].Resources = Dictionary(XObject=Dictionary(images))
    return saved(pdf)


def _white(pdf: pikepdf.Pdf, width: int, height: int) -> pikepdf.Stream:
    return pdf.make_stream(
        zlib.compress(b"\xff" * 1_000),
        Type=Name.XObject,
        Subtype=Name.Image,
        Width=width,
        Height=height,
        ColorSpace=Name.DeviceGray,
        BitsPerComponent=1,
        Filter=Name.FlateDecode,
    )


def stream_bomb(times: int = 1, size: int = 200 << 20) -> bytes:
    """Return a page whose content unpacks to `size` bytes of blanks."""
    packer = zlib.compressobj(9)
    content = b"".join(packer.compress(b" " * (1 << 20)) for _ in range(size >> 20)) + packer.flush()
    for _ in range(times - 1):
        content = zlib.compress(content)
    pdf = blank()
    pdf.pages[0].Contents = pdf.make_stream(content, Filter=Array([Name.FlateDecode] * times))
    return saved(pdf, stream_decode_level=pikepdf.StreamDecodeLevel.none, compress_streams=False)


def form_bomb(depth: int = 12, each: int = 10) -> bytes:
    """Return a page that draws forms that draw forms, ten each: a billion laughs."""
    pdf = blank()
    inner = pdf.make_stream(b"0 0 1 1 re f", Type=Name.XObject, Subtype=Name.Form, BBox=Array([0, 0, 1, 1]))
    for _ in range(depth):
        resources = Dictionary(XObject=Dictionary(F=inner))
        inner = pdf.make_stream(
            b"/F Do " * each, Type=Name.XObject, Subtype=Name.Form, BBox=Array([0, 0, 1, 1]), Resources=resources
        )
    pdf.pages[0].Resources = Dictionary(XObject=Dictionary(F=inner))
    pdf.pages[0].Contents = pdf.make_stream(b"/F Do")
    return saved(pdf)


def form_loop() -> bytes:
    pdf = blank()
    form = pdf.make_stream(b"/F Do", Type=Name.XObject, Subtype=Name.Form, BBox=Array([0, 0, 1, 1]))
    form.Resources = Dictionary(XObject=Dictionary(F=form))
    pdf.pages[0].Resources = Dictionary(XObject=Dictionary(F=form))
    return saved(pdf)


def spoilt_stream() -> bytes:
    pdf = blank()
    pdf.pages[0].Contents = pdf.make_stream(b"not packed at all", Filter=Name.FlateDecode)
    return saved(pdf, stream_decode_level=pikepdf.StreamDecodeLevel.none, compress_streams=False)


def without_size() -> bytes:
    pdf = blank()
    del pdf.pages[0].obj.MediaBox
    return raw(pdf)


def page_without_area() -> bytes:
    pdf = blank()
    pdf.pages[0].obj.MediaBox = Array([0, 0, 0, 842])
    return saved(pdf)


def object_stream_bomb(size: int = 600 << 20) -> bytes:
    """Return a PDF whose objects are packed into a stream that is unpacked as soon as the file is opened."""
    packer = zlib.compressobj(9)
    content = packer.compress(b"1 0 <</Type/Catalog/Pages 4 0 R>>") + b"".join(
        packer.compress(b" " * (1 << 20)) for _ in range(size >> 20)
    )
    content += packer.flush()
    out = bytearray(b"%PDF-1.7\n")
    out += b"2 0 obj\n<</Type/ObjStm/N 1/First 4/Filter/FlateDecode/Length %d>>stream\n" % len(content)
    out += content + b"\nendstream endobj\n"
    place = len(out)
    entries = [(0, 0), (2, 2), (1, 9), (1, place)]  # of the objects 0 to 3: kind, and where
    table = b"".join(bytes([kind]) + where.to_bytes(3) + b"\0" for kind, where in entries)
    out += b"3 0 obj\n<</Type/XRef/Size 4/W[1 3 1]/Root 1 0 R/Length %d>>stream\n" % len(table)
    return bytes(out) + table + b"\nendstream endobj\nstartxref\n%d\n%%%%EOF\n" % place
