"""A PDF written page by page, so that a long one is never held in memory."""

import zlib
from typing import Final

A4: Final = (595.28, 841.89)
CATALOG, PAGES, FONTS, FIRST_FREE = 1, 2, 3, 4


class StreamedPdf:
    """Returns the bytes of a PDF piece by piece: `start`, then `page` for each page, then `finish`.

    `fonts` maps the names that the drawing instructions use to fonts that every reader has (ISO 32000-1, 9.6.2.2).
    """

    def __init__(self, fonts: dict[str, str]) -> None:
        self._fonts = fonts
        self._offsets: dict[int, int] = {}
        self._position = 0
        self._pages: list[int] = []
        self._free = FIRST_FREE

    def start(self) -> bytes:
        fonts = " ".join(
            f"/{name} <</Type/Font/Subtype/Type1/BaseFont/{font}/Encoding/WinAnsiEncoding>>"
            for name, font in self._fonts.items()
        )
        return (
            # The comment's high bytes tell transports that this is not text.
            self._emit(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
            + self._object(CATALOG, f"<</Type/Catalog/Pages {PAGES} 0 R/Lang(de-DE)>>".encode())
            + self._object(FONTS, f"<<{fonts}>>".encode())
        )

    def page(self, instructions: str) -> bytes:
        """Return the objects of a page drawn by `instructions`, whose text is in Latin-1."""
        content = zlib.compress(instructions.encode("latin-1"), level=6)
        number = self._free
        self._free += 2
        self._pages.append(number)
        page = (
            f"<</Type/Page/Parent {PAGES} 0 R/MediaBox[0 0 {A4[0]} {A4[1]}]"
            f"/Resources<</Font {FONTS} 0 R>>/Contents {number + 1} 0 R>>"
        )
        stream = b"<</Filter/FlateDecode/Length %d>>stream\n%b\nendstream" % (len(content), content)
        return self._object(number, page.encode()) + self._object(number + 1, stream)

    def finish(self) -> bytes:
        kids = " ".join(f"{number} 0 R" for number in self._pages)
        pages = self._object(PAGES, f"<</Type/Pages/Count {len(self._pages)}/Kids[{kids}]>>".encode())
        table = self._position
        rows = "".join(f"{self._offsets[number]:010d} 00000 n \n" for number in range(1, self._free))
        tail = (
            f"xref\n0 {self._free}\n0000000000 65535 f \n{rows}"
            f"trailer\n<</Size {self._free}/Root {CATALOG} 0 R>>\nstartxref\n{table}\n%%EOF\n"
        )
        return pages + self._emit(tail.encode())

    def _object(self, number: int, body: bytes) -> bytes:
        self._offsets[number] = self._position
        return self._emit(b"%d 0 obj\n%b\nendobj\n" % (number, body))

    def _emit(self, piece: bytes) -> bytes:
        self._position += len(piece)
        return piece
