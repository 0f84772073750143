"""The invariants I1 to I6, checked through the API and in the databases after everything has settled."""

import hashlib
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import httpx
import psycopg
from psycopg.rows import dict_row

from aktenfluss.contracts.cases import EntriesFiled, FilingRefused
from aktenfluss.contracts.scans import ItemAccepted
from aktenfluss.kernel import Role

from .caller import is_passing
from .record import Record
from .shape import Shape

SERVICES = ("audit", "cases", "documents", "scans")
CONSUMED: Mapping[str, Callable[[str], bool]] = {
    "audit": lambda _: True,
    "cases": lambda type_: type_ == ItemAccepted.type,
    "scans": lambda type_: type_ in {EntriesFiled.type, FilingRefused.type},
}
"""Which types of events each service applies."""
CONTIGUOUS = (
    *("case-file-opened", "case-file-changed", "entries-filed", "item-accepted", "item-filed"),
    *("delivery-announced", "delivery-received", "delivery-checked"),
)
"""What is told with every step of its aggregate's version; an order counts without telling."""
ORDERED = (*CONTIGUOUS, "delivery-item-decided", "scan-order-opened", "order-reconciled")
EVENTS = "SELECT seq, id, key, type, subject, aggregate_version AS version, correlation_id FROM outbox ORDER BY seq"
RECORDS = "SELECT event_id AS id, type, subject, aggregate_version AS version, correlation_id FROM audit_record ORDER BY position"
LEDGER = "SELECT event_id AS id, subject, version FROM fault_ledger ORDER BY seq"
TRIES = 5
PAUSE_SECONDS = 1.0
type Row = dict[str, Any]


@dataclass
class Figures:
    """Violations, counted by kind; the first of each are told in words."""

    counts: Counter[str] = field(default_factory=Counter)
    told: list[str] = field(default_factory=list)

    def add(self, figure: str, count: int, what: str) -> None:
        if count:
            self.counts[figure] += count
            self.told.append(f"{figure} {count}: {what}")

    def compare(self, expected: Iterable[Any], found: Iterable[Any], what: str, *, missing: str = "lost") -> None:
        """Count what is missing, and what is there more often than expected."""
        wanted, there = Counter(expected), Counter(found)
        self.add(missing, (wanted - there).total(), f"{what} missing, as {sample(wanted - there)}")
        self.add("duplicated", (there - wanted).total(), f"{what} too often, as {sample(there - wanted)}")


def sample(counter: Counter[Any]) -> str:
    return ", ".join(map(str, list(counter)[:3]))


class Books:
    """What the databases hold."""

    def __init__(self, shape: Shape) -> None:
        self._shape = shape

    def rows(self, service: str, query: str) -> list[Row]:
        with psycopg.connect(self._shape.database_url(service), row_factory=dict_row) as connection:
            return connection.execute(query.encode()).fetchall()

    def value(self, service: str, query: str) -> Any:
        return next(iter(self.rows(service, query)[0].values()))

    def events(self, service: str) -> list[Row]:
        return self.rows(service, EVENTS)


def check_answers(shape: Shape, record: Record) -> Figures:
    """Check what the API tells. It must settle again afterwards: to read is an event too."""
    figures = Figures()
    for figure, count in record.noticed.items():
        figures.add(figure, count, "noticed by a client")
    check_bytes(shape, Books(shape), record, figures)
    check_verification(shape, figures)
    return figures


def check_books(shape: Shape, record: Record, figures: Figures) -> None:
    """Check what the databases hold."""
    books = Books(shape)
    check_acknowledged(books, record, figures)
    check_boxes(books, record, figures)
    check_events(books, figures)
    check_order(books, figures)
    check_audit(books, record, figures, alone=shape.alone)
    check_nothing_partial(books, figures)


def check_acknowledged(books: Books, record: Record, figures: Figures) -> None:
    """I1: every acknowledged id exists exactly once."""
    numbers = books.rows("cases", "SELECT file_number, id::text FROM case_file")
    mine = [(row["file_number"], row["id"]) for row in numbers if row["file_number"] in record.case_files]
    figures.compare(record.case_files.items(), mine, "case file")
    orders = books.rows("scans", "SELECT name, id::text FROM scan_order")
    figures.compare(
        record.orders.items(), [(row["name"], row["id"]) for row in orders if row["name"] in record.orders], "order"
    )
    contents = [row["digest"] for row in books.rows("documents", "SELECT digest FROM content WHERE state = 'ok'")]
    figures.compare(record.contents, [digest for digest in contents if digest in record.contents], "content")
    told = {
        (event["subject"], event["version"]) for event in books.events("cases") if "case-file-changed" in event["type"]
    }
    figures.add("lost", len(record.changes.keys() - told), "changes of case files")


def check_boxes(books: Books, record: Record, figures: Figures) -> None:
    """I1: each document of an acknowledged delivery is in its case file once, at its place."""
    entries: dict[str, list[str]] = defaultdict(list)
    query = (
        "SELECT order_item_id, case_file_id::text, content, position FROM file_entry ORDER BY case_file_id, position"
    )
    places: dict[str, set[str]] = defaultdict(set)
    for row in books.rows("cases", query):
        entries[row["order_item_id"]].append(row["content"])
        places[row["order_item_id"]].add(row["case_file_id"])
    for box in record.boxes:
        for item, contents in box.contents.items():
            figures.compare(contents, entries[item], f"document of {item}")
            same = sorted(contents) == sorted(entries[item])
            figures.add("order_violations", same and contents != entries[item], f"entries of {item}")
            figures.add("lost", places[item] not in (set(), {box.case_files[item]}), f"{item} is in another case file")


def check_bytes(shape: Shape, books: Books, record: Record, figures: Figures) -> None:
    """I2: the bytes of every acknowledged content, and I6: of every other that is there, are those of its digest."""
    there = [row["digest"] for row in books.rows("documents", "SELECT digest FROM content")]
    headers = {"Authorization": f"Bearer {shape.token(Role.SERVICE)}"}
    with httpx.Client(base_url=shape.base_url, headers=headers, timeout=60) as client, ThreadPoolExecutor(4) as pool:

        def is_right(digest: str) -> bool:
            answer = asked(client, f"/v1/contents/{digest}")
            return answer.is_success and f"sha256:{hashlib.sha256(answer.content).hexdigest()}" == digest

        wanted = sorted({*there, *record.contents})
        wrong = [digest for digest, right in zip(wanted, pool.map(is_right, wanted), strict=True) if not right]
    figures.add("bad_bytes", len(wrong), f"contents, as {wrong[:3]}")


def asked(client: httpx.Client, path: str) -> httpx.Response:
    """Return the answer; what may pass is asked for again, and what fails each time is answered with 503."""
    for _ in range(TRIES):
        # A damaged content breaks off before the first wrong byte, each time.
        with suppress(httpx.TransportError):
            answer = client.get(path)
            if not is_passing(answer):
                return answer
        time.sleep(PAUSE_SECONDS)
    return httpx.Response(503, text=f"{path} was not answered {TRIES} times")


def check_events(books: Books, figures: Figures) -> None:
    """I3: every committed change has one published event, applied once by each consumer."""
    committed = [event for service in SERVICES for event in books.events(service)]
    for service in SERVICES:
        waiting = books.value(service, "SELECT count(*) FROM outbox WHERE published_at IS NULL")
        figures.add("lost", waiting, f"events in the outbox of {service} that are not published")
    for consumer, consumes in CONSUMED.items():
        expected = [event["id"] for event in committed if consumes(event["type"])]
        figures.compare(expected, [row["id"] for row in books.rows(consumer, LEDGER)], f"effect in {consumer}")
        inbox = [row["id"] for row in books.rows(consumer, "SELECT id FROM inbox")]
        figures.compare(expected, inbox, f"inbox row of {consumer}")
    records = [row["id"] for row in books.rows("audit", RECORDS)]
    figures.compare([event["id"] for event in committed], records, "record of an event", missing="unaudited")


def check_order(books: Books, figures: Figures) -> None:
    """I4: the versions of each aggregate are contiguous, and every consumer saw them in their order."""
    for service in SERVICES:
        for subject, versions in versions_of(books.events(service)).items():
            figures.add("order_violations", not is_contiguous(versions), f"versions of {subject}: {versions}")
    types = {event["id"]: event["type"] for service in SERVICES for event in books.events(service)}
    for consumer in CONSUMED:
        # Not the log: it takes up together what is sealed together, in the order of the events' ids.
        effects = [row | {"type": types[row["id"]]} for row in books.rows(consumer, LEDGER) if row["id"] in types]
        check_effects(consumer, effects, figures)
    check_last_versions(books, figures)


def check_effects(consumer: str, effects: Sequence[Row], figures: Figures) -> None:
    for service in SERVICES:
        of_service = [row for row in effects if row["type"].split(".")[2] == service]
        for subject, versions in versions_of(of_service, ORDERED).items():
            firsts = list(dict.fromkeys(versions))
            figures.add("order_violations", firsts != sorted(firsts), f"{consumer} on {subject}: {versions}")


def versions_of(events: Iterable[Row], names: Sequence[str] = CONTIGUOUS) -> dict[str, list[int]]:
    versions: dict[str, list[int]] = defaultdict(list)
    for event in events:
        if event["type"].split(".")[3].startswith(names):
            versions[event["subject"]].append(event["version"])
    return versions


def is_contiguous(versions: Sequence[int]) -> bool:
    return list(versions) == list(range(versions[0], versions[0] + len(versions)))


def check_last_versions(books: Books, figures: Figures) -> None:
    """Compare the version of each record with that of its last event: a change without its event would be ahead."""
    for service, table in (("cases", "case_file"), ("scans", "delivery")):
        last = {subject: versions[-1] for subject, versions in versions_of(books.events(service)).items()}
        rows = books.rows(service, f"SELECT id::text, version FROM {table}")
        silent = [row["id"] for row in rows if last.get(row["id"]) != row["version"]]
        figures.add("lost", len(silent), f"last events of {table}, as {silent[:3]}")


def check_verification(shape: Shape, figures: Figures) -> None:
    """I5: the chain of the audit log is sound, and sealed as it says."""
    headers = {"Authorization": f"Bearer {shape.token(Role.AUDITOR)}"}
    with httpx.Client(base_url=shape.base_url, headers=headers, timeout=60) as client:
        answer = asked(client, "/v1/audit-verification")
    sound = answer.is_success and answer.json()["ok"] is True
    figures.add("unaudited", not sound, f"the audit log is not sound: {answer.text[:300]}")


def check_audit(books: Books, record: Record, figures: Figures, *, alone: bool) -> None:
    """I5: every access that was answered is in the audit log once.

    A read may be there twice where the product is not `alone`: the door sends it to a second server, or again, where the
    first ended after the record and before the answer (docker/haproxy.cfg).
    """
    there = Counter(
        (row["correlation_id"], ".".join(row["type"].split(".")[2:4])) for row in books.rows("audit", RECORDS)
    )
    silent = [access for access in record.accesses.items() if there[access] == 0]
    figures.add("unaudited", len(silent), f"accesses, as {silent[:3]}")
    once = [access for access in record.accesses.items() if alone or access[0] not in record.reads]
    figures.add("duplicated", sum(there[access] > 1 for access in once), "records of one access")


def check_nothing_partial(books: Books, figures: Figures) -> None:
    """I6: nothing half-done is left: each document is filed, each delivery is checked, each item settled."""
    documents = [str(row["id"]) for row in books.rows("documents", "SELECT id FROM document")]
    filed = [str(row["document_id"]) for row in books.rows("cases", "SELECT document_id FROM file_entry")]
    figures.compare(filed, documents, "document")
    stuck = books.rows("scans", "SELECT id, state FROM delivery WHERE state <> 'checked'")
    figures.add("lost", len(stuck), f"checks of deliveries, as {stuck[:3]}")
    items = books.rows("scans", "SELECT id, state FROM order_item WHERE state NOT IN ('filed', 'ordered', 'rejected')")
    figures.add("lost", len(items), f"filings, as {items[:3]}")
    rejected = books.value("scans", "SELECT count(*) FROM order_item WHERE state = 'rejected'")
    figures.add("lost", rejected, "items that were refused")
    parts = books.value("documents", "SELECT count(*) FROM upload")
    figures.add("lost", parts, "uploads that were never finished")
