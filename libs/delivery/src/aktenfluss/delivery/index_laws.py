"""The laws that the rows of an index obey together."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby, pairwise

from .finding import Finding
from .index import Index, IndexRow, ParsedRows
from .paths import INDEX_PATH, broken_path_rule
from .rules import Rule

type Placed = Sequence[tuple[str, IndexRow]]


def index_findings(parsed: ParsedRows, contents: Mapping[str, str]) -> Iterator[Finding]:
    """Yield every broken law; `contents` are the payload paths that the manifest names.

    Laws over many rows are not told where one of these rows could not be read: it would break them all.
    """
    yield from _row_findings(parsed.good)
    yield from _twice_findings(parsed.good)
    yield from _path_findings(parsed.good, contents)
    if not parsed.broken_items:
        yield from _unlisted_findings(parsed.good, contents)
    if None not in parsed.broken_items:
        yield from _item_findings(row for _, row in parsed.good if row.file_id not in parsed.broken_items)


def _item_findings(rows: Iterable[IndexRow]) -> Iterator[Finding]:
    index = Index.of(rows)
    for documents in index.documents.values():
        yield from _numbering_findings(documents)
    yield from _totals_findings(index)


def _row_findings(rows: Placed) -> Iterator[Finding]:
    for place, row in rows:
        if row.is_totals:
            if row.path or row.doc_seq or row.page_first or row.page_last:
                detail = "doc_seq, page_first and page_last of a row with totals are 0, path is empty"
                yield Rule.INDEX_VALUE.found(place, detail, row.file_id)
            continue
        if row.sides_scanned != row.page_count:
            detail = f"sides_scanned is {row.sides_scanned}, the pages are {row.page_count}"
            yield Rule.INDEX_PAGE_COUNT.found(place, detail, row.file_id)
        if row.sheets * 2 != row.sides_scanned + row.sides_suppressed:
            detail = f"{row.sheets} x 2 is not {row.sides_scanned} + {row.sides_suppressed}"
            yield Rule.INDEX_SHEETS.found(place, detail, row.file_id)


def _twice_findings(rows: Placed) -> Iterator[Finding]:
    keys: set[tuple[str, int, int]] = set()
    paths: set[str] = set()
    for place, row in rows:
        key = (row.file_id, *row.order)
        if key in keys:
            detail = f"volume {row.volume}, doc_seq {row.doc_seq} has a row already"
            yield Rule.INDEX_ROW_TWICE.found(place, detail, row.file_id)
        elif not row.is_totals and row.path in paths:
            yield Rule.INDEX_PATH_TWICE.found(place, "an earlier row names the same file", row.file_id)
        keys.add(key)
        if not row.is_totals:
            paths.add(row.path)


def _path_findings(rows: Placed, contents: Mapping[str, str]) -> Iterator[Finding]:
    for place, row in rows:
        if not row.is_totals and (row.path not in contents or row.path == INDEX_PATH):
            yield Rule.INDEX_PATH_MISSING.found(place, "path is not a payload file of the manifest", row.file_id)


def _unlisted_findings(rows: Placed, contents: Mapping[str, str]) -> Iterator[Finding]:
    named = {row.path for _, row in rows}
    for path in sorted(contents.keys() - named - {INDEX_PATH}):
        # A forbidden path is a finding of the manifest, which does not quote it.
        if broken_path_rule(path) is None:
            yield Rule.INDEX_FILE_UNLISTED.found(path, "no row names it")


def _numbering_findings(documents: Sequence[IndexRow]) -> Iterator[Finding]:
    item = documents[0].file_id
    volumes = {volume: list(rows) for volume, rows in groupby(documents, key=lambda row: row.volume)}
    if list(volumes) != list(range(1, len(volumes) + 1)):
        yield Rule.INDEX_SEQUENCE.found(INDEX_PATH, f"the volumes are {_listed(volumes)}", item)
    for volume, rows in volumes.items():
        numbers = [row.doc_seq for row in rows]
        if sorted(set(numbers)) != list(range(1, len(set(numbers)) + 1)):
            detail = f"the documents of volume {volume} are {_listed(numbers)}"
            yield Rule.INDEX_SEQUENCE.found(INDEX_PATH, detail, item)
        yield from _page_findings(rows)


def _page_findings(rows: Sequence[IndexRow]) -> Iterator[Finding]:
    first = rows[0]
    if first.page_first != 1:
        yield _pages_finding(first, 1)
    for before, row in pairwise(rows):
        if row.page_first != before.page_last + 1:
            yield _pages_finding(row, before.page_last + 1)
    for row in rows:
        if row.page_count < 1:
            yield Rule.INDEX_PAGES.found(INDEX_PATH, f"{_document(row)} has no page", row.file_id)


def _pages_finding(row: IndexRow, expected: int) -> Finding:
    detail = f"{_document(row)} starts at page {row.page_first} instead of {expected}"
    return Rule.INDEX_PAGES.found(INDEX_PATH, detail, row.file_id)


def _document(row: IndexRow) -> str:
    return f"document {row.doc_seq} of volume {row.volume}"


def _totals_findings(index: Index) -> Iterator[Finding]:
    for item in sorted(index.totals.keys() - index.documents.keys()):
        yield Rule.INDEX_ITEM_EMPTY.found(INDEX_PATH, "the row with totals has no documents", item)
    for item, documents in index.documents.items():
        counter, sums = index.totals.get(item), IndexRow.totals(item, documents)
        if counter is None:
            yield Rule.INDEX_TOTALS_MISSING.found(INDEX_PATH, "there is no row with volume 0", item)
        elif counter.counts != sums.counts:
            detail = f"sheets, sides_scanned, sides_suppressed are {counter.counts}, the sums are {sums.counts}"
            yield Rule.INDEX_TOTALS_MISMATCH.found(INDEX_PATH, detail, item)


def _listed(numbers: Sequence[int] | Mapping[int, object]) -> str:
    shown = [str(number) for number in numbers]
    return ", ".join(shown[:10] + ["…"] * (len(shown) > 10))
