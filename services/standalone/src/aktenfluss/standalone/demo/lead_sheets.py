"""The contractor's side of lead sheets: printed, laid upon the paper, scanned and read."""

import asyncio
from concurrent.futures import Executor
from pathlib import Path

import pypdfium2
import zxingcpp
from PIL import Image

from aktenfluss.delivery import LeadSheetCode

from .scans import Scan, encode
from .sheet import HEIGHT, WIDTH, Sheet
from .typeface import dots

_MODULE = 10


async def scan_lead_sheets(path: Path, pool: Executor) -> dict[str, Scan]:
    """Scan all printed lead sheets; return them by the order items that their codes name."""
    with pypdfium2.PdfDocument(path) as pdf:
        count = len(pdf)
    loop = asyncio.get_running_loop()
    works = [loop.run_in_executor(pool, scan_lead_sheet, path, number) for number in range(count)]
    return dict(await asyncio.gather(*works))


def scan_lead_sheet(path: Path, number: int) -> tuple[str, Scan]:
    """Scan a page of the printed lead sheets, counted from 0; return the order item that its code names as well."""
    with pypdfium2.PdfDocument(path) as pdf:
        image = pdf[number].render(scale=300 / 72, grayscale=True).to_pil()
    page = Image.new("L", (WIDTH, HEIGHT), 255)
    page.paste(image)
    codes = zxingcpp.read_barcodes(page, formats=zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode))
    return LeadSheetCode.parse(codes[0].text).item_id, encode(page.point(lambda grey: 255 * (grey > 127), mode="1"))


def draw_foreign_lead_sheet(item_id: str) -> Scan:
    """Return the lead sheet of another office's order, as it comes into a box by mistake."""
    sheet = Sheet()
    code = LeadSheetCode(item_id, 1).format()
    symbol = zxingcpp.create_barcode(code, zxingcpp.BarcodeFormat.QRCode, ec_level="M")
    square = Image.fromarray(symbol.to_image(scale=_MODULE, add_quiet_zones=False))
    for corner in ((dots(14), dots(14)), (WIDTH - dots(14) - square.width, HEIGHT - dots(14) - square.height)):
        sheet.image.paste(square, corner)
    sheet.at(60, 150, f"{item_id[:4]} {item_id[4:8]} {item_id[8:]}", "bold", 40)
    return encode(sheet.image)
