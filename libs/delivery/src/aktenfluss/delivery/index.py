"""The index of a delivery, data/index.csv: its rows, read from text and written to it."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import astuple, dataclass, field
from types import MappingProxyType

from .finding import Finding
from .lead_sheet_code import MAX_VOLUME, is_order_item_id
from .lines import numbered_lines
from .paths import INDEX_PATH
from .rules import Rule

COLUMNS = (
    "file_id",
    "volume",
    "doc_seq",
    "path",
    "page_first",
    "page_last",
    "sheets",
    "sides_scanned",
    "sides_suppressed",
    "oversize",
    "remarks",
)
HEADER = ";".join(COLUMNS)
MAX_REMARKS = 200

_NUMBER = re.compile(r"0|[1-9][0-9]{0,8}", re.ASCII)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_NUMBERS = ("volume", "doc_seq", "page_first", "page_last", "sheets", "sides_scanned", "sides_suppressed")


@dataclass(frozen=True, slots=True)
class IndexRow:
    """One document, which is one payload file; or, with volume 0, the scanner's counter for one order item.

    `file_id` is the order item's id. `page_first` and `page_last` count through the volume. `remarks` is free text of
    the operator and must not reach logs or findings.
    """

    file_id: str
    volume: int
    doc_seq: int
    path: str
    page_first: int
    page_last: int
    sheets: int
    sides_scanned: int
    sides_suppressed: int
    oversize: bool = False
    remarks: str = ""

    @classmethod
    def totals(cls, file_id: str, rows: Iterable["IndexRow"]) -> "IndexRow":
        """Return the row with the sums over `rows`, the documents of one order item."""
        sheets, scanned, suppressed = map(sum, zip(*(row.counts for row in rows), strict=True))
        return cls(file_id, 0, 0, "", 0, 0, sheets, scanned, suppressed)

    @property
    def is_totals(self) -> bool:
        return self.volume == 0

    @property
    def page_count(self) -> int:
        return self.page_last - self.page_first + 1

    @property
    def counts(self) -> tuple[int, int, int]:
        """Sheets, sides scanned and sides suppressed."""
        return self.sheets, self.sides_scanned, self.sides_suppressed

    @property
    def order(self) -> tuple[int, int]:
        """The place of the document within its order item."""
        return self.volume, self.doc_seq


@dataclass(frozen=True, slots=True)
class Index:
    """The documents of a delivery and the scanner's counter, by order item, in the order of the paper."""

    documents: Mapping[str, tuple[IndexRow, ...]]
    totals: Mapping[str, IndexRow]

    @classmethod
    def of(cls, rows: Iterable[IndexRow]) -> "Index":
        documents: dict[str, list[IndexRow]] = {}
        totals: dict[str, IndexRow] = {}
        for row in rows:
            if row.is_totals:
                totals[row.file_id] = row
            else:
                documents.setdefault(row.file_id, []).append(row)
        ordered = {file_id: tuple(sorted(rows, key=lambda row: row.order)) for file_id, rows in documents.items()}
        return cls(MappingProxyType(ordered), MappingProxyType(totals))

    @property
    def item_ids(self) -> tuple[str, ...]:
        """The order items of the delivery, in the order of the index."""
        return tuple(self.documents)

    def rows(self) -> Iterator[IndexRow]:
        """Yield the documents of all order items."""
        for documents in self.documents.values():
            yield from documents


def format_index(rows: Iterable[IndexRow]) -> str:
    """Return the text of data/index.csv with these rows, documents and totals, in this order."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\n")
    writer.writerow(COLUMNS)
    for row in rows:
        writer.writerow((*astuple(row)[:9], int(row.oversize), row.remarks))
    return text.getvalue()


@dataclass(slots=True)
class ParsedRows:
    """What could be read of an index.

    `good` has each row with its place; `broken_items` are the order items of rows that could not be read, None for a
    row whose order item is not known either.
    """

    good: list[tuple[str, IndexRow]] = field(default_factory=list)
    broken_items: set[str | None] = field(default_factory=set)


def parse_rows(text: str, findings: list[Finding]) -> ParsedRows:
    """Return the rows; every one that cannot be read is added to `findings`."""
    parsed = ParsedRows()
    lines = numbered_lines(text)
    if next(lines, (1, ""))[1] != HEADER:
        findings.append(Rule.INDEX_HEADER.found(f"{INDEX_PATH}:1", "the header is another"))
        parsed.broken_items.add(None)
        return parsed
    for number, line in lines:
        _parse_row(f"{INDEX_PATH}:{number}", line, parsed, findings)
    return parsed


def _parse_row(place: str, line: str, parsed: ParsedRows, findings: list[Finding]) -> None:
    values = _columns(line)
    if values is None:
        findings.append(Rule.INDEX_ROW_MALFORMED.found(place, f"it has not {len(COLUMNS)} columns"))
        parsed.broken_items.add(None)
        return
    broken = list(_value_findings(place, values))
    if broken:
        findings += broken
        parsed.broken_items.add(broken[-1].item)
    else:
        parsed.good.append((place, _row(values)))


def _columns(line: str) -> dict[str, str] | None:
    """Return the values by column; each line is read by itself so that a stray quote swallows one row only."""
    try:
        fields = next(csv.reader([line], delimiter=";", strict=True), [])
    except csv.Error:
        return None
    return dict(zip(COLUMNS, fields, strict=True)) if len(fields) == len(COLUMNS) else None


def _value_findings(place: str, values: Mapping[str, str]) -> Iterator[Finding]:
    item = values["file_id"] if is_order_item_id(values["file_id"]) else None
    if item is None:
        yield Rule.INDEX_ITEM_ID.found(place, "file_id is not the id of an order item")
    for column, kind in _broken_columns(values):
        yield Rule.INDEX_VALUE.found(place, f"{column} is not {kind}", item)


def _broken_columns(values: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for column in _NUMBERS:
        if _NUMBER.fullmatch(values[column]) is None:
            yield column, "a number without sign and leading zeros"
    if _NUMBER.fullmatch(values["volume"]) and int(values["volume"]) > MAX_VOLUME:
        yield "volume", f"at most {MAX_VOLUME}"
    if values["oversize"] not in ("0", "1"):
        yield "oversize", "0 or 1"
    if len(values["remarks"]) > MAX_REMARKS or _CONTROL.search(values["remarks"]):
        yield "remarks", f"a line of at most {MAX_REMARKS} characters"


def _row(values: Mapping[str, str]) -> IndexRow:
    numbers = {column: int(values[column]) for column in _NUMBERS}
    return IndexRow(
        **numbers,
        file_id=values["file_id"],
        path=values["path"],
        oversize=values["oversize"] == "1",
        remarks=values["remarks"],
    )
