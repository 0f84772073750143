"""The failpoints: where on the way of the data a process may be told to die; the product knows nothing of them."""

import functools
import importlib
import inspect
import os
import signal
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

KIT = "aktenfluss.servicekit"
DOCUMENTS = "aktenfluss.documents"
CASES = "aktenfluss.cases"
SCANS = "aktenfluss.scans"
AUDIT = "aktenfluss.audit"
API = ("documents-api",)
READ = ("documents-api", "cases")
TELLING = ("documents-worker", "cases", "scans")
APPLYING = ("cases", "scans", "audit")
type Place = tuple[str, str, Literal["before", "after"]]


@dataclass(frozen=True, slots=True)
class Failpoint:
    """A place in the code: before or after a function of the product.

    `processes` are those of a cluster that pass it, none where it belongs to an adapter of one process; `alone` tells
    whether one process passes it. `about` narrows it to calls whose arguments have that text in them.
    """

    name: str
    module: str
    function: str
    moment: Literal["before", "after"]
    processes: tuple[str, ...] = ()
    alone: bool = True
    about: str = ""

    def owner(self) -> tuple[Any, str]:
        """Return the module or class that holds the function, and its name there."""
        *path, name = self.function.split(".")
        owner = functools.reduce(getattr, path, importlib.import_module(self.module))
        return owner, name


def points(module: str, processes: tuple[str, ...], *places: Place, alone: bool = True) -> list[Failpoint]:
    """Return the failpoints of one module: name, function, moment."""
    return [Failpoint(name, module, function, moment, processes, alone) for name, function, moment in places]


CONTENTS = [
    *points(
        f"{KIT}.objects.file_store",
        (),
        ("after_write_before_fsync", "write_all", "after"),
        ("after_fsync_before_rename", "FileStore._make_folder", "before"),
    ),
    Failpoint("after_rename_before_folder_sync", "pathlib", "Path.replace", "after", about=".unfinished"),
    *points(f"{KIT}.objects.s3_store", API, ("after_object_put", "S3Store._put", "after"), alone=False),
    *points(
        f"{DOCUMENTS}.use_cases.store_content",
        API,
        ("after_put_before_row", "StoreContent.write", "after"),
        ("after_commit_before_ack", "StoreContent.__call__", "after"),
    ),
    *points(
        f"{DOCUMENTS}.adapters.repository",
        API,
        ("after_row_before_commit", "SqlContentRepository.put", "after"),
        ("after_chunk_row_before_commit", "SqlUploadRepository.save", "after"),
        ("after_join_before_commit", "SqlUploadRepository.drop", "after"),
    ),
    *points(
        f"{DOCUMENTS}.use_cases.append_chunk",
        API,
        ("after_chunk_before_row", "with_part", "before"),
        ("after_commit_before_chunks_deleted", "AppendChunk._delete", "before"),
    ),
]
DELIVERIES = [
    *points(
        f"{CASES}.use_cases.import_stock_list", ("cases",), ("after_stock_rows_before_commit", "import_batch", "after")
    ),
    *points(
        f"{SCANS}.use_cases.open_scan_order", ("scans",), ("after_order_before_ack", "OpenScanOrder.__call__", "after")
    ),
    *points(
        f"{SCANS}.use_cases.announce_delivery",
        ("scans",),
        ("after_announce_before_commit", "_add", "after"),
        ("after_announce_before_ack", "AnnounceDelivery.__call__", "after"),
    ),
    *points(
        f"{SCANS}.adapters.unit_of_work",
        ("scans",),
        ("after_job_deferred_before_commit", "SqlScansTransaction.defer_check", "after"),
    ),
    *points(
        f"{SCANS}.use_cases.complete_delivery",
        ("scans",),
        ("after_complete_before_ack", "CompleteDelivery.__call__", "after"),
    ),
]
CHECK = [
    *points(
        f"{SCANS}.use_cases.check_delivery",
        ("scans",),
        ("after_plan_before_check", "CheckDelivery._plan", "after"),
        ("after_measure_before_document", "CheckDelivery._measure", "after"),
        ("after_check_before_job_done", "CheckDelivery.__call__", "after"),
    ),
    *points(f"{SCANS}.adapters.peers", ("scans",), ("after_document_before_mark", "DocumentsPeer.store", "after")),
    *points(
        f"{SCANS}.use_cases.decide_item",
        ("scans",),
        ("after_mark_before_commit", "_tell", "after"),
        ("after_item_before_next", "DecideItem.accept", "after"),
    ),
    *points(
        f"{DOCUMENTS}.use_cases.store_documents",
        API,
        ("after_documents_before_commit", "StoreDocuments.__call__", "after"),
    ),
    *points(
        f"{KIT}.http.idempotency", ("documents-api", "scans"), ("after_key_before_commit", "Attempt.keep", "after")
    ),
]
EVENTS = [
    # Only with events: an idle relay marks none, again and again.
    Failpoint("after_publish_before_mark", f"{KIT}.database.outbox", "mark", "before", TELLING, about="Pending("),
    Failpoint("after_mark", f"{KIT}.database.outbox", "mark", "after", TELLING, about="Pending("),
    *points(f"{KIT}.database.outbox", READ, ("after_outbox_before_commit", "append", "after")),
    *points(
        f"{KIT}.events.postgres_bus",
        (),
        ("before_publish", "PostgresEventBus.publish", "before"),
        ("after_log_before_commit", "append", "after"),
        ("after_effect_before_offset", "PostgresConsumer.commit", "before"),
        ("after_offset", "PostgresConsumer.commit", "after"),
    ),
    *points(
        f"{KIT}.events.kafka_publisher",
        TELLING,
        ("before_kafka_publish", "KafkaPublisher.publish", "before"),
        ("after_kafka_publish", "KafkaPublisher._published", "after"),
        alone=False,
    ),
    # In the middle of a batch: handed to the client, on its way or not.
    *points("aiokafka", TELLING, ("after_first_event_sent", "AIOKafkaProducer.send", "after"), alone=False),
    *points(
        f"{KIT}.events.kafka_consumer",
        APPLYING,
        ("after_effect_before_kafka_offset", "KafkaConsumer.commit", "before"),
        ("after_kafka_offset", "KafkaConsumer.commit", "after"),
        alone=False,
    ),
    Failpoint("before_effect", f"{KIT}.events.inbox", "Inbox._apply", "before", APPLYING, about="Event("),
    Failpoint("after_effect_before_commit", f"{KIT}.events.inbox", "Inbox._handle", "after", APPLYING),
    *points(
        f"{CASES}.use_cases.file_entries", ("cases",), ("after_filing_before_commit", "FileEntries._file", "after")
    ),
    *points(f"{SCANS}.use_cases.file_item", ("scans",), ("after_item_filed_before_commit", "_count", "after")),
]
RECORDS = [
    *points(
        f"{KIT}.events.read_log",
        READ,
        ("before_read_recorded", "ReadLog._commit", "before"),
        ("after_read_recorded_before_answer", "ReadLog._commit", "after"),
    ),
    *points(
        f"{CASES}.use_cases.issue_grant", ("cases",), ("after_grant_before_answer", "IssueGrant.__call__", "after")
    ),
    *points(
        f"{AUDIT}.use_cases.append_record",
        ("audit",),
        ("after_audit_before_commit", "AppendRecord.__call__", "after"),
    ),
    *points(
        f"{AUDIT}.adapters.checkpoint_archive",
        ("audit",),
        ("after_seal_prepared_before_commit", "ObjectCheckpointArchive.prepare", "after"),
        ("after_seal_before_copy", "ObjectCheckpointArchive.complete", "before"),
        ("after_copy_before_drop", "ObjectCheckpointArchive.drop_prepared", "before"),
    ),
    *points(f"{KIT}.migrations", (), ("after_migration", "migrate", "after")),
]
FAILPOINTS = {point.name: point for point in (*CONTENTS, *DELIVERIES, *CHECK, *EVENTS, *RECORDS)}


@dataclass
class Countdown:
    """Ends the process at the n-th pass, as `kill -9` does, after noting in a file that it came there."""

    point: Failpoint
    passes: int
    note: Path | None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def pass_by(self, arguments: tuple[Any, ...]) -> None:
        if self.point.about not in repr(arguments):
            return
        with self._lock:
            self.passes -= 1
            if self.passes == 0:
                if self.note is not None:
                    self.note.write_text(self.point.name)
                os.kill(os.getpid(), signal.SIGKILL)
                threading.Event().wait()


def arm(point: Failpoint, passes: int = 1, note: Path | None = None) -> None:
    """Let this process die when it passes `point` for the n-th time."""
    owner, name = point.owner()
    setattr(owner, name, stopping(getattr(owner, name), point.moment, Countdown(point, passes, note).pass_by))


def stopping(
    function: Callable[..., Any], moment: Literal["before", "after"], pass_by: Callable[[tuple[Any, ...]], None]
) -> Callable[..., Any]:
    """Return `function` with a call of `pass_by` before it or after it."""

    @functools.wraps(function)
    async def coroutine(*args: Any, **kwargs: Any) -> Any:
        if moment == "before":
            pass_by(args)
        result = await function(*args, **kwargs)
        if moment == "after":
            pass_by(args)
        return result

    @functools.wraps(function)
    def plain(*args: Any, **kwargs: Any) -> Any:
        if moment == "before":
            pass_by(args)
        result = function(*args, **kwargs)
        if moment == "after":
            pass_by(args)
        return result

    return coroutine if inspect.iscoroutinefunction(function) else plain
