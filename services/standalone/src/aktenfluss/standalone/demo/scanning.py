"""The contractor's work on one case file: lead sheet first, every document to a PDF, a row in the index for each."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, as_completed
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
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


def scan_file(job: ScanJob) -> tuple[IndexRow, ...]:
    """Scan a case file and return its rows of the index, the scanner's counter last."""
    (job.store / job.item_id).mkdir(parents=True)
    ends = [0]
    for document in job.file.documents:
        ends.append(ends[-1] + _scan_document(job, document))
    rows = [
        _row(job, document, first + 1, last)
        for document, (first, last) in zip(job.file.documents, pairwise(ends), strict=True)
    ]
    return (*rows, IndexRow.totals(job.item_id, rows))


def _scan_document(job: ScanJob, document: PlannedDocument) -> int:
    title = f"Akte {job.item_id}, Dokument {document.number}"
    path = job.store / job.item_id / _name(document)
    return write_document(path, title, job.scanned_at.date(), _scans(job, document))


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


def _row(job: ScanJob, document: PlannedDocument, first: int, last: int) -> IndexRow:
    return IndexRow(
        file_id=job.item_id,
        volume=1,
        doc_seq=document.number,
        path=f"data/{job.item_id}/{_name(document)}",
        page_first=first,
        page_last=last,
        sheets=document.sheets,
        sides_scanned=last - first + 1,
        sides_suppressed=document.suppressed,
    )


def _name(document: PlannedDocument) -> str:
    return f"{document.number:02d}.pdf"


def scan_files(jobs: Sequence[ScanJob], pool: Executor, done: Callable[[int], None]) -> list[IndexRow]:
    """Return the rows of the index in the order of the jobs; `done` is told pages."""
    # The thick files first, or one core ends up alone with them.
    works = {pool.submit(scan_file, job): job for job in sorted(jobs, key=lambda job: -job.file.pages)}
    for work in as_completed(works):
        done(works[work].file.pages)
    rows = {job.item_id: work.result() for work, job in works.items()}
    return [row for job in jobs for row in rows[job.item_id]]
