"""The main job under load: how many documents per second go from a contractor's push into case files."""

import asyncio
import hashlib
import os
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import UTC, date, datetime
from multiprocessing import get_context
from pathlib import Path
from uuid import uuid4

import httpx
from PIL import Image

from aktenfluss.delivery import IndexRow, PushOptions, open_client, push_delivery
from aktenfluss.standalone.demo import Tokens
from aktenfluss.standalone.demo.boxes import Shelf
from aktenfluss.standalone.demo.chance import dice
from aktenfluss.standalone.demo.documents import write_document
from aktenfluss.standalone.demo.lead_sheets import scan_lead_sheets
from aktenfluss.standalone.demo.office import Balance, Office
from aktenfluss.standalone.demo.people import make_people
from aktenfluss.standalone.demo.scans import Scan, encode
from aktenfluss.standalone.demo.sheet import HEIGHT, WIDTH

_SCANNED_AT = datetime(2026, 1, 2, 12, tzinfo=UTC)
_PATIENCE_SECONDS = 600
# A square of random dots of this size becomes about 100 KB of fax group 4.
_NOISE_DOTS = 600


@dataclass(frozen=True, slots=True)
class Load:
    """How much is pushed: items of so many documents of 100 KB, one lead sheet per item."""

    items: int = 60
    documents: int = 20
    parallel: int = 8

    @property
    def total(self) -> int:
        return self.items * self.documents


@dataclass(frozen=True, slots=True)
class MainJob:
    """What was measured: from the first request of the push until the last item is filed.

    The control reads, hashes, writes and syncs the same files, one after the other, without any server.
    """

    documents: int
    size_bytes: int
    seconds: float
    control_seconds: float

    @property
    def documents_per_second(self) -> float:
        return self.documents / self.seconds

    @property
    def control_per_second(self) -> float:
        return self.documents / self.control_seconds


@dataclass(frozen=True, slots=True)
class Delivery:
    """A box that lies ready to be pushed for its order."""

    order_id: str
    box: Path
    size_bytes: int


async def measure_main_job(base_url: str, tokens: Tokens, folder: Path, load: Load | None = None) -> MainJob:
    """Order, scan and push `load` on a running server; its authority may have records already."""
    load = load or Load()
    delivery = await prepare(base_url, tokens, folder, load)
    control = await asyncio.to_thread(_copy_durably, delivery.box / "data", folder / "control")
    seconds = await push_until_filed(base_url, tokens, delivery, load)
    return MainJob(load.total, delivery.size_bytes, seconds, control)


async def prepare(base_url: str, tokens: Tokens, folder: Path, load: Load) -> Delivery:
    """Import the stock, open the order and scan it into a box below `folder`."""
    async with httpx.AsyncClient(base_url=base_url, timeout=_PATIENCE_SECONDS) as client:
        order_id, leads = await _order(Office(client, tokens), folder, load.items)
    box, size_bytes = await asyncio.to_thread(_fill_box, folder, order_id, leads, load)
    return Delivery(order_id, box, size_bytes)


async def push_until_filed(base_url: str, tokens: Tokens, delivery: Delivery, load: Load) -> float:
    """Return the seconds from the first request of the push until the last item is filed."""
    options = PushOptions(parallel=load.parallel, wait=True)
    async with httpx.AsyncClient(base_url=base_url, timeout=_PATIENCE_SECONDS) as client:
        began = time.perf_counter()
        async with asyncio.timeout(_PATIENCE_SECONDS), open_client(base_url, tokens.contractor, load.parallel) as push:
            await push_delivery(delivery.box, push, options)
            balance = await _settled(Office(client, tokens), delivery.order_id)
        seconds = time.perf_counter() - began
    if balance.filed != load.items:
        raise RuntimeError(f"{load.items} items were pushed, {balance.filed} are filed")
    return seconds


async def _order(office: Office, folder: Path, count: int) -> tuple[str, dict[str, Scan]]:
    people = make_people(count, seed=1)
    run = uuid4().hex[:8]
    lines = [person.stock_line() | {"file_number": f"{run}/{person.file_number}"} for person in people]
    await office.import_stock(lines)
    order_id = await office.open_order(f"Bench {run}", (line["file_number"] for line in lines))
    printed = folder / "lead-sheets.pdf"
    await asyncio.to_thread(printed.write_bytes, await office.lead_sheets(order_id))
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
        return order_id, await scan_lead_sheets(printed, pool)


def _fill_box(folder: Path, order_id: str, leads: Mapping[str, Scan], load: Load) -> tuple[Path, int]:
    noise = _noise()
    rows = [row for item, lead in leads.items() for row in _scan_item(folder / "scanned", item, lead, noise, load)]
    box = folder / "box"
    Shelf(folder / "scanned", order_id, _SCANNED_AT).pack(box, 1, rows)
    return box, sum(path.stat().st_size for path in box.rglob("*.pdf"))


def _scan_item(store: Path, item: str, lead: Scan, noise: Scan, load: Load) -> Iterator[IndexRow]:
    (store / item).mkdir(parents=True)
    rows: list[IndexRow] = []
    for number in range(1, load.documents + 1):
        scans = [lead, noise] if number == 1 else [noise]
        name = f"{number:02d}.pdf"
        # The title makes the bytes differ, or equal contents would be sent once.
        write_document(store / item / name, f"Akte {item}, Dokument {number}, {uuid4()}", date(2026, 1, 2), scans)
        first = rows[-1].page_last + 1 if rows else 1
        last = first + len(scans) - 1
        rows.append(IndexRow(item, 1, number, f"data/{item}/{name}", first, last, len(scans), len(scans), len(scans)))
    yield from (*rows, IndexRow.totals(item, rows))


def _noise() -> Scan:
    dots = dice(1).randbytes(_NOISE_DOTS * _NOISE_DOTS // 8)
    page = Image.new("1", (WIDTH, HEIGHT), 1)
    page.paste(Image.frombytes("1", (_NOISE_DOTS, _NOISE_DOTS), dots), (900, 900))
    return encode(page)


def _copy_durably(source: Path, target: Path) -> float:
    """Return the seconds for: read, SHA-256, write, fsync, rename, fsync of the folder."""
    target.mkdir()
    folder = os.open(target, os.O_RDONLY)
    began = time.perf_counter()
    for path in source.rglob("*.pdf"):
        content = path.read_bytes()
        name = target / hashlib.sha256(content).hexdigest()
        with name.with_suffix(".part").open("wb") as copy:
            copy.write(content)
            copy.flush()
            os.fsync(copy.fileno())
        name.with_suffix(".part").rename(name)
        os.fsync(folder)
    seconds = time.perf_counter() - began
    os.close(folder)
    return seconds


async def _settled(office: Office, order_id: str) -> Balance:
    while True:
        balance = await office.balance(order_id)
        if balance.settled:
            return balance
        await asyncio.sleep(0.1)
