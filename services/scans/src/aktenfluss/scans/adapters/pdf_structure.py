"""What a PDF contains, told without decoding its pages: runs in a child process only."""

import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pikepdf
from pikepdf import Name

MAX_PAGES: Final = 10_000
MAX_TREE_NODES: Final = 4 * MAX_PAGES
MAX_PIXELS: Final = 200_000_000
"""Of one image, and of one page at 300 dpi: A0 has 139 million."""
MAX_FILTERS: Final = 2
MAX_FORM_DEPTH: Final = 5
MAX_EXPANDED_BYTES: Final = 64 << 20
"""Of all streams that are not images: text layers, fonts, profiles, metadata."""
MAPPED_BYTES: Final = 256 << 20
DPI: Final = 300

ACTIONS: Final = frozenset(
    {
        "/JavaScript",
        "/Launch",
        "/SubmitForm",
        "/ImportData",
        "/GoToE",
        "/Rendition",
        "/Movie",
        "/Sound",
        "/RichMediaExecute",
    }
)
ANNOTATIONS: Final = frozenset({"/FileAttachment", "/RichMedia", "/Movie", "/Sound", "/Screen", "/3D"})
KEYS: Final = {"/JS": "JavaScript", "/EmbeddedFiles": "an attachment", "/EF": "an attachment", "/XFA": "an XFA form"}


class PdfRefusedError(Exception):
    """The PDF breaks a rule of the delivery format; the sandbox carries `rule` and `detail` to the parent."""

    def __init__(self, rule: str, detail: str) -> None:
        super().__init__(detail)
        self.rule = rule
        self.detail = detail


def read_structure(path: Path) -> int:
    """Return the number of pages of the PDF; raise PdfRefusedError where it may not be taken in."""
    try:
        with _open(path) as pdf:
            page_count = _count_pages(pdf)
            _examine_objects(pdf, page_count)
            return page_count
    except pikepdf.PasswordError as exc:
        raise PdfRefusedError("pdf-encrypted", "the PDF asks for a password") from exc
    except (pikepdf.PdfError, RecursionError, TypeError, ValueError, KeyError, AttributeError) as exc:
        # A broken file shows as any of these, because pikepdf turns PDF objects into Python objects.
        raise PdfRefusedError("pdf-unreadable", "the structure of the PDF is broken") from exc


def _open(path: Path) -> pikepdf.Pdf:
    size = path.stat().st_size
    _check_header(path)
    # A mapped file counts against the child's address space.
    mode = pikepdf.AccessMode.mmap if size <= MAPPED_BYTES else pikepdf.AccessMode.stream
    pdf = pikepdf.open(
        path, suppress_warnings=True, attempt_recovery=False, inherit_page_attributes=False, access_mode=mode
    )
    if pdf.is_encrypted:
        pdf.close()
        raise PdfRefusedError("pdf-encrypted", "the PDF is encrypted, even though it opens without a password")
    return pdf


def _check_header(path: Path) -> None:
    with path.open("rb") as file:
        head = file.read(1024)
    if not head:
        raise PdfRefusedError("pdf-unreadable", "the file has 0 bytes")
    if b"%PDF-" not in head:
        raise PdfRefusedError("pdf-unreadable", "the file is not a PDF: it does not begin with %PDF")


def _count_pages(pdf: pikepdf.Pdf) -> int:
    """Walk the page tree ourselves: the library would unfold a bomb before it could be counted."""
    count = nodes = 0
    waiting: list[tuple[Any, Any, Any]] = [(pdf.Root.Pages, None, 1)]
    while waiting:
        node, box, unit = waiting.pop()
        nodes += 1
        box, unit = node.get(Name.MediaBox, box), node.get(Name.UserUnit, unit)
        if Name.Kids in node:
            waiting.extend((kid, box, unit) for kid in node.Kids)
        else:
            count += 1
            _check_page_size(box, float(unit))
        if nodes + len(waiting) > MAX_TREE_NODES or count > MAX_PAGES:
            raise PdfRefusedError("pdf-bomb", f"the PDF has more than {MAX_PAGES} pages")
    if not count:
        raise PdfRefusedError("pdf-unreadable", "the PDF has no page")
    return count


def _check_page_size(box: Any, unit: float) -> None:
    left, bottom, right, top = (float(side) for side in box)
    pixels = abs(right - left) * abs(top - bottom) * (unit * DPI / 72) ** 2
    if not 0 < pixels <= MAX_PIXELS:
        raise PdfRefusedError("pdf-bomb", f"a page has no size or more than {MAX_PIXELS} pixels at {DPI} dpi")


def _examine_objects(pdf: pikepdf.Pdf, page_count: int) -> None:
    forms: dict[tuple[int, int], int] = {}
    pixels = expanded = 0
    for item in pdf.objects:
        for dictionary in _dictionaries(item):
            _check_activity(dictionary)
        if isinstance(item, pikepdf.Stream):
            _check_filters(item)
            _form_depth(item, forms, 1)
            if item.get(Name.Subtype) == Name.Image:
                pixels += _image_pixels(item)
            else:
                expanded += _expanded_size(item, MAX_EXPANDED_BYTES - expanded)
    if pixels > MAX_PIXELS * page_count:
        raise PdfRefusedError("pdf-bomb", f"the images have more than {MAX_PIXELS} pixels per page")


def _dictionaries(item: Any) -> Iterator[Any]:
    """Yield each dictionary within the object itself; what it refers to comes by itself."""
    waiting = [item]
    while waiting:
        value = waiting.pop()
        if isinstance(value, pikepdf.Dictionary | pikepdf.Stream):
            yield value
            children = value.values()
        elif isinstance(value, pikepdf.Array):
            children = value
        else:
            continue
        waiting.extend(
            child
            for child in children
            if isinstance(child, pikepdf.Dictionary | pikepdf.Array) and not child.is_indirect
        )


def _check_activity(dictionary: Any) -> None:
    for key, meaning in KEYS.items():
        if key in dictionary:
            raise PdfRefusedError("pdf-active-content", f"the PDF contains {meaning}")
    action, subtype = dictionary.get(Name.S), dictionary.get(Name.Subtype)
    if isinstance(action, Name) and str(action) in ACTIONS:
        raise PdfRefusedError("pdf-active-content", f"the PDF contains the action {action}")
    if isinstance(subtype, Name) and str(subtype) in ANNOTATIONS:
        raise PdfRefusedError("pdf-active-content", f"the PDF contains the annotation {subtype}")
    fields = dictionary.get(Name.Fields)
    if isinstance(fields, pikepdf.Array) and len(fields) and Name.S not in dictionary:
        raise PdfRefusedError("pdf-active-content", "the PDF contains a form")


def _filters(stream: Any) -> list[str]:
    filters = stream.get(Name.Filter, [])
    return [str(filters)] if isinstance(filters, Name) else [str(name) for name in filters]


def _check_filters(stream: Any) -> None:
    if len(_filters(stream)) > MAX_FILTERS:
        raise PdfRefusedError("pdf-bomb", f"a stream is packed more than {MAX_FILTERS} times")


def _image_pixels(image: Any) -> int:
    pixels = int(image.Width) * int(image.Height)
    if pixels > MAX_PIXELS:
        raise PdfRefusedError("pdf-bomb", f"an image has more than {MAX_PIXELS} pixels")
    return pixels


def _expanded_size(stream: Any, limit: int) -> int:
    """Return the size of the unpacked stream; one that is larger than `limit` is given up before it is held."""
    names = _filters(stream)
    if any(name != "/FlateDecode" for name in names):
        return _checked(len(stream.read_bytes()), limit)  # rare; the memory limit of the child guards it
    content = stream.read_raw_bytes()
    for _ in names:
        content = b"".join(_unpack(content, limit))
    return _checked(len(content), limit)


def _unpack(packed: bytes, limit: int) -> Iterator[bytes]:
    inflater = zlib.decompressobj()
    size = 0
    while packed and not inflater.eof:
        try:
            piece = inflater.decompress(packed, 1 << 20)
        except zlib.error as exc:
            raise PdfRefusedError("pdf-unreadable", "a stream of the PDF cannot be unpacked") from exc
        size = _checked(size + len(piece), limit)
        packed = inflater.unconsumed_tail
        yield piece


def _checked(size: int, limit: int) -> int:
    if size > limit:
        raise PdfRefusedError("pdf-bomb", f"the streams unpack to more than {MAX_EXPANDED_BYTES} bytes")
    return size


def _form_depth(stream: Any, known: dict[tuple[int, int], int], level: int) -> int:
    """Return how deep forms draw forms below this one."""
    if level > MAX_FORM_DEPTH:
        raise PdfRefusedError("pdf-bomb", f"forms are nested more than {MAX_FORM_DEPTH} times")
    if stream.objgen in known:
        return known[stream.objgen]
    children = stream.get(Name.Resources, {}).get(Name.XObject, {})
    depth = 1 + max(
        (_form_depth(child, known, level + 1) for child in children.values() if child.get(Name.Subtype) == Name.Form),
        default=0,
    )
    if level - 1 + depth > MAX_FORM_DEPTH:
        raise PdfRefusedError("pdf-bomb", f"forms are nested more than {MAX_FORM_DEPTH} times")
    known[stream.objgen] = depth
    return depth
