"""The contractor's work on one case file: lead sheet first, every document to a PDF, rows in the index."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from datetime import datetime
from itertools import accumulate, pairwise
from pathlib import Path
from random import Random

from aktenfluss.delivery import IndexRow

from .chance import dice
from .documents import write_document
from .letters import Leaf, draw_page, writings
from .plan import PlannedDocument, PlannedFile
from .scans import Scan, scan


@dataclass(frozen=True, slots=True)
class ScanJob:
    """One case file to scan into the folder `store`, from where boxes are packed."""

    file: PlannedFile
    item_id: str
    lead_sheet: Scan
    store: Path
    scanned_at: datetime


def scan_document(job: ScanJob, document: PlannedDocument) -> int:
    """Scan one document of the case file and return how many pages it has."""
    folder = job.store / job.item_id
    folder.mkdir(parents=True, exist_ok=True)
    title = f"Akte {job.item_id}, Dokument {document.number}"
    return write_document(folder / _name(document), title, job.scanned_at.date(), _scans(job, document))


def _scans(job: ScanJob, document: PlannedDocument) -> Iterator[Scan]:
    throw = dice(job.file.seed, "pages", job.file.number, document.number)
    if document.number == 1:
        yield job.lead_sheet
    pages = writings(job.file.person, document.began_on, throw)
    for leaf, (lines, values) in zip(_leaves(job.file, document, throw), pages, strict=False):
        yield scan(draw_page(lines, values, leaf, throw).image, throw)


def _leaves(file: PlannedFile, document: PlannedDocument, throw: Random) -> Iterator[Leaf]:
    """Yield the sides to scan; leaves are numbered through the case file, in which the lead sheet has no number."""
    before = sum(earlier.sheets for earlier in file.documents if earlier.number < document.number)
    numbers = range(max(1, before), before + document.sheets)
    with_back = set(throw.sample(numbers, document.pages - document.sheets))
    for number in numbers:
        yield Leaf(number, 1)
        if number in with_back:
            yield Leaf(number, 2)


def index_rows(job: ScanJob) -> tuple[IndexRow, ...]:
    """Return the rows of the index for a case file, the scanner's counter last."""
    ends = [0, *accumulate(document.pages for document in job.file.documents)]
    rows = [
        IndexRow(
            file_id=job.item_id,
            volume=1,
            doc_seq=document.number,
            path=f"data/{job.item_id}/{_name(document)}",
            page_first=first + 1,
            page_last=last,
            sheets=document.sheets,
            sides_scanned=document.pages,
            sides_suppressed=document.suppressed,
        )
        for document, (first, last) in zip(job.file.documents, pairwise(ends), strict=True)
    ]
    return (*rows, IndexRow.totals(job.item_id, rows))


def _name(document: PlannedDocument) -> str:
    return f"{document.number:02d}.pdf"


async def scan_files(jobs: Sequence[ScanJob], pool: Executor, done: Callable[[int], None]) -> list[IndexRow]:
    """Scan case files and return their rows of the index; `done` is told pages."""
    loop = asyncio.get_running_loop()

    async def work(job: ScanJob, document: PlannedDocument) -> None:
        done(await loop.run_in_executor(pool, scan_document, job, document))

    works = [(job, document) for job in jobs for document in job.file.documents]
    # The thick documents first, or one core ends up alone with them.
    works.sort(key=lambda task: -task[1].pages)
    await asyncio.gather(*(work(job, document) for job, document in works))
    return [row for job in jobs for row in index_rows(job)]
