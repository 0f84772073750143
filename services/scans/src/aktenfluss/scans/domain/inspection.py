"""The judgement of one item of a delivery, from what was measured of its documents."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from aktenfluss.delivery import Finding, IndexRow, LeadSheetCode
from aktenfluss.kernel import Digest

from .rules import Rule

MAX_DOCUMENTS: Final = 2_000
"""Of one item: they are stored all or none, in one request."""


@dataclass(frozen=True, slots=True)
class Scan:
    """One document of an item: its row of the index, the content that the manifest gives it, and its size.

    `size_bytes` is None where the content is not stored.
    """

    row: IndexRow
    content: Digest
    size_bytes: int | None

    @property
    def leads(self) -> bool:
        """Whether its first page is the lead sheet of the case file."""
        return self.row.order == (1, 1)


@dataclass(frozen=True, slots=True)
class PdfFacts:
    """What was measured of a stored file; `refusal` is the rule for which its measuring ended, with the detail."""

    content: Digest | None = None
    page_count: int = 0
    codes: tuple[str, ...] = ()
    refusal: tuple[Rule, str] | None = None


def judge(scans: Sequence[Scan], facts: Mapping[str, PdfFacts]) -> list[Finding]:
    """Return every rule that the documents of one item break; `facts` has those of each stored file by its path."""
    findings = [finding for scan in scans for finding in _judge_scan(scan, facts)]
    if len(scans) > MAX_DOCUMENTS:
        row = scans[MAX_DOCUMENTS].row
        findings.append(Rule.ITEM_TOO_LARGE.found(row.path, f"it has {len(scans)} documents", row.file_id))
    return findings


def _judge_scan(scan: Scan, facts: Mapping[str, PdfFacts]) -> Iterator[Finding]:
    path, item = scan.row.path, scan.row.file_id
    measured = facts.get(path)
    if scan.size_bytes is None or measured is None:
        yield Rule.CONTENT_MISSING.found(path, f"{scan.content} is not stored", item)
    elif measured.refusal is not None:
        rule, detail = measured.refusal
        yield rule.found(path, detail, item)
    elif measured.content != scan.content:
        yield Rule.CONTENT_DAMAGED.found(path, f"{scan.content} is stored with other bytes", item)
    else:
        yield from _judge_pages(scan, measured)


def _judge_pages(scan: Scan, measured: PdfFacts) -> Iterator[Finding]:
    path, item = scan.row.path, scan.row.file_id
    if measured.page_count != scan.row.page_count:
        detail = f"the PDF has {measured.page_count} pages, the index says {scan.row.page_count}"
        yield Rule.PDF_PAGE_COUNT.found(path, detail, item)
    if scan.leads:
        yield from _judge_lead_sheet(path, item, measured.codes)


def _judge_lead_sheet(path: str, item: str, texts: Sequence[str]) -> Iterator[Finding]:
    codes = set(_lead_sheet_codes(texts))
    if not codes:
        yield Rule.LEAD_SHEET_MISSING.found(path, "page 1 has no code of a lead sheet", item)
    elif codes != {LeadSheetCode(item, 1)}:
        found = ", ".join(sorted(f"{code.item_id} volume {code.volume}" for code in codes))
        yield Rule.LEAD_SHEET_WRONG.found(path, f"page 1 has the code of {found}", item)


def _lead_sheet_codes(texts: Sequence[str]) -> Iterator[LeadSheetCode]:
    for text in texts:
        try:
            yield LeadSheetCode.parse(text)
        except ValueError:
            continue  # any other QR code: letters have them too


def fingerprint_of(scans: Sequence[Scan]) -> Digest:
    """Return a digest that two deliveries of an item share only with the same documents in the same order."""
    listed = ((*scan.row.order, scan.row.page_count, scan.content) for scan in scans)
    text = "\n".join(" ".join(map(str, entry)) for entry in listed)
    return f"sha256:{sha256(text.encode()).hexdigest()}"
