"""The contractor's side of the play: folders come in with their lead sheets, boxes of scans go out."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from multiprocessing import cpu_count, get_context
from pathlib import Path

from aktenfluss.delivery import IndexRow

from .board import Board
from .boxes import STRANGER_ITEM, Mishap, Shelf, pack_faulty
from .lead_sheets import draw_foreign_lead_sheet, scan_lead_sheets
from .plan import Plan, PlannedFile
from .scanning import ScanJob, scan_files
from .scans import Scan


@dataclass(frozen=True, slots=True)
class Boxes:
    """What lies ready to be pushed: the first box, the second with its faults, the second put right."""

    first: Path
    faulty: Path
    corrected: Path


@dataclass(frozen=True, slots=True)
class Contractor:
    """Scans what the plan says; `items` are the order items by file number."""

    plan: Plan
    items: Mapping[str, str]
    folder: Path
    scanned_at: datetime

    @property
    def store(self) -> Path:
        """Where scans lie before they are packed, a folder for each order item."""
        return self.folder / "scanned"

    async def fill_boxes(self, order_id: str, lead_sheets: Path, board: Board) -> Boxes:
        """Scan everything and pack it."""
        rows = await self._scan(lead_sheets, board)
        return await asyncio.to_thread(self._pack, order_id, rows)

    def _pack(self, order_id: str, rows: Sequence[IndexRow]) -> Boxes:
        shelf = Shelf(self.store, order_id, self.scanned_at)
        boxes = Boxes(self.folder / "box-1", self.folder / "box-2", self.folder / "box-2-corrected")
        shelf.pack(boxes.first, 1, _of(rows, map(self._item, self.plan.first_box)))
        right = _of(rows, map(self._item, self.plan.second_box))
        mishap = Mishap(self._item(self.plan.truncated), self._item(self.plan.missing))
        faulty = pack_faulty(shelf, boxes.faulty, 2, [*right, *_of(rows, [STRANGER_ITEM])], mishap)
        shelf.pack(boxes.corrected, 2, right, supersedes=faulty)
        return boxes

    async def _scan(self, lead_sheets: Path, board: Board) -> list[IndexRow]:
        # Not forked: threads draw on the board meanwhile, and may hold locks that a fork would copy.
        workers = min(cpu_count(), len(self.plan.files))
        with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
            try:
                jobs = self._jobs(await scan_lead_sheets(lead_sheets, pool))
                with board.counting("pages scanned", sum(job.file.pages for job in jobs)) as done:
                    return await scan_files(jobs, pool, done)
            finally:
                # After Ctrl-C the pool would scan all that waits before it lets go.
                pool.shutdown(cancel_futures=True)

    def _jobs(self, ordered: dict[str, Scan]) -> list[ScanJob]:
        leads = ordered | {STRANGER_ITEM: draw_foreign_lead_sheet(STRANGER_ITEM)}
        files = [(self._item(file), file) for file in self.plan.files] + [(STRANGER_ITEM, self.plan.stranger)]
        return [ScanJob(file, item, leads[item], self.store, self.scanned_at) for item, file in files]

    def _item(self, file: PlannedFile) -> str:
        return self.items[file.person.file_number]


def _of(rows: Sequence[IndexRow], items: Iterable[str]) -> list[IndexRow]:
    """Return the rows of the items."""
    wanted = set(items)
    return [row for row in rows if row.file_id in wanted]
