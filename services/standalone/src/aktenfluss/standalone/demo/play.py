"""The play: paper is ordered, scanned, delivered, refused, corrected and filed, and every number is checked."""

import asyncio
from dataclasses import dataclass, field
from itertools import zip_longest
from pathlib import Path
from time import perf_counter
from typing import Any

import httpx
from rich.console import Console

from aktenfluss.delivery import PushOptions, PushReport, open_client, push_delivery
from aktenfluss.kernel import Clock, SystemClock

from .board import Board, PushView
from .contractor import Boxes, Contractor
from .curl import Line, write_token_file
from .figures import Expectation, Figure, Outcome
from .office import Balance, Office, Tokens
from .plan import Plan, make_plan

_PATIENCE_SECONDS = 300
_PAGE = 17


@dataclass(frozen=True, slots=True)
class Stage:
    """Where the play is given: a running server, tokens for it, and an empty folder for the material."""

    base_url: str
    tokens: Tokens
    folder: Path
    plan: Plan = field(default_factory=make_plan)
    console: Console = field(default_factory=Console)
    clock: Clock = field(default_factory=SystemClock)


async def play(stage: Stage, stop: asyncio.Event | None = None) -> Outcome:
    """Give the play and return its outcome; the numbers are those of an authority that had no records before.

    Raises KeyboardInterrupt where `stop`, the end of the server, comes first: nobody would answer the play.
    """
    async with httpx.AsyncClient(base_url=stage.base_url, timeout=_PATIENCE_SECONDS) as client:
        performance = asyncio.create_task(_Play(stage, Office(client, stage.tokens)).perform())
        ending = asyncio.create_task((stop or asyncio.Event()).wait())
        await asyncio.wait({performance, ending}, return_when=asyncio.FIRST_COMPLETED)
        ending.cancel()
        if not performance.done():
            performance.cancel()
            await asyncio.wait({performance})
            raise KeyboardInterrupt
        return performance.result()


class _Play:
    """One performance: its acts in order, and what they have shown so far."""

    def __init__(self, stage: Stage, office: Office) -> None:
        self._stage = stage
        self._office = office
        self._plan = stage.plan
        self._board = Board(stage.console)
        self._figures: list[Figure] = []
        self._seconds = 0.0
        self._order_id = ""

    async def perform(self) -> Outcome:
        items, lead_sheets = await self._order()
        contractor = Contractor(self._plan, items, self._stage.folder / "contractor", self._stage.clock.now())
        self._board.scene("3  The contractor scans the folders and packs two boxes")
        boxes = await contractor.fill_boxes(self._order_id, lead_sheets, self._board)
        expected = Expectation(self._plan, items, contractor.store)
        await self._deliver(boxes, expected)
        await self._correct(boxes, expected)
        await self._add_up(expected)
        await self._try_curl()
        return Outcome(tuple(self._figures))

    async def _order(self) -> tuple[dict[str, str], Path]:
        """Bring the stock in and order the scan; return the order items by file number, and the lead sheets."""
        people = [file.person for file in self._plan.files]
        self._board.scene(f"1  A stock list of {len(people)} paper case files comes in")
        created = await self._office.import_stock(person.stock_line() for person in people)
        self._note("case files in the stock list", len(people), created)
        self._board.scene("2  The office orders their scan and prints a lead sheet for each")
        self._order_id = await self._office.open_order("Auental Altakten", (person.file_number for person in people))
        lead_sheets = self._stage.folder / "lead-sheets.pdf"
        printed = await asyncio.to_thread(lead_sheets.write_bytes, await self._office.lead_sheets(self._order_id))
        items = await self._office.item_ids(self._order_id)
        self._note("order items", len(people), len(items))
        self._board.say(f"{lead_sheets}: {printed:,} bytes")
        return items, lead_sheets

    async def _deliver(self, boxes: Boxes, expected: Expectation) -> None:
        self._board.scene("4  The first box is pushed, checked and filed")
        first, _ = await self._push(boxes.first)
        self._note("findings in the first box", 0, len(first.answer.findings))
        self._board.scene("5  The second box: one file truncated, one missing, one unordered")
        second, balance = await self._push(boxes.faulty)
        self._board.findings(second.answer.findings)
        found = sorted(f"{finding.rule} at {finding.item}" for finding in second.answer.findings)
        for planned, seen in zip_longest(expected.findings, found):
            self._note("finding in the second box", planned, seen)
        self._note("listed = filed + missing + rejected, before", expected.after_mishaps, balance)

    async def _correct(self, boxes: Boxes, expected: Expectation) -> None:
        self._board.scene("6  The second box is put right and pushed again")
        corrected, balance = await self._push(boxes.corrected)
        self._note("contents sent for the correction: two PDFs and the index", 3, corrected.transferred)
        self._note("listed = filed + missing + rejected, after", expected.in_the_end, balance)
        self._board.say("Pushing it once more is safe, and sends nothing:")
        again, _ = await self._push(boxes.corrected)
        self._note("contents sent when it is pushed once more", 0, again.transferred)

    async def _push(self, folder: Path) -> tuple[PushReport, Balance]:
        """Push a box and watch the balance until nothing is under way."""
        started = perf_counter()
        options = PushOptions(accept_missing=True, wait=True)
        token = self._stage.tokens.contractor
        async with asyncio.timeout(_PATIENCE_SECONDS), open_client(self._stage.base_url, token) as client:
            with self._board.pushing(folder.name) as view:
                async with asyncio.TaskGroup() as group:
                    push = group.create_task(push_delivery(folder, client, options, view))
                    balance = await self._watch(push, view)
        self._seconds += perf_counter() - started
        return push.result(), balance

    async def _watch(self, push: asyncio.Task[PushReport], view: PushView) -> Balance:
        """Show the balance until the delivery is checked and all that was accepted is filed."""
        while True:
            # Asked before the balance: one that was drawn up before the last item was decided could look settled.
            pushed = push.done()
            balance = await self._office.balance(self._order_id)
            view.show(balance)
            if pushed and balance.settled:
                return balance
            await asyncio.sleep(0.2)

    async def _add_up(self, expected: Expectation) -> None:
        self._board.scene("7  What the office has now, and what was planned")
        planned, found = expected.holdings, await self._office.holdings()
        self._note("case files filed", planned.case_files, found.case_files)
        self._note("documents", planned.documents, found.documents)
        self._note("pages", planned.pages, found.pages)
        self._note("bytes", planned.size_bytes, found.size_bytes)
        verification = await self._office.verify_audit()
        self._note("audit log verified", planned=True, found=verification["ok"])
        self._board.figures(self._figures)
        self._board.say(f"{found.pages / self._seconds:,.0f} pages/s from the push to the case file")
        sealed = verification["records"] - verification["unsealed"]
        self._board.say(f"{verification['records']:,} audit records, {sealed:,} of them under a signed checkpoint")

    async def _try_curl(self) -> None:
        self._board.scene("8  Three requests to try alone")
        for line in await self._lines():
            self._board.say(f"\n# {line.meaning}\n{line}")
            answer = await line.run()
            self._board.say(answer or "no answer")
            self._note(f"curl: {line.meaning}", planned=True, found=answer is not None)

    async def _lines(self) -> list[Line]:
        url, folder = self._stage.base_url.rstrip("/"), self._stage.folder
        token = write_token_file(folder / "clerk.header", self._stage.tokens.clerk)
        thick = max(self._plan.files, key=lambda file: file.pages)
        case_file = await self._office.find_case_file(thick.person.file_number)
        page = min(_PAGE, thick.pages)
        granted = await self._office.grant_page(case_file, page)
        return [
            Line("the list of case files", f"{url}/v1/case-files?medium=electronic&limit=2", token),
            Line("one case file", f"{url}/v1/case-files/{case_file}", token),
            Line(
                f"its page {page} as an image, by a grant that needs no token and soon ends",
                f"{url}{granted}",
                image=folder / f"page-{page}.png",
            ),
        ]

    def _note(self, name: str, planned: Any, found: Any) -> None:
        self._figures.append(Figure(name, planned, found))
