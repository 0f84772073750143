"""The check at the contractor's desk: everything that can be wrong with a folder, found before it is pushed."""

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from pathlib import Path

from .delivery import Delivery, read_delivery
from .finding import Finding, InvalidDeliveryError
from .folder import Survey, read_texts, survey
from .hashing import Ticker, hash_file, in_parallel, no_ticker
from .manifest import MANIFEST, parse_manifest
from .paths import PAYLOAD
from .rules import Rule

_PDF_MAGIC = b"%PDF-"


@dataclass(frozen=True, slots=True)
class CheckReport:
    """What the check of one folder found; `delivery` is None where its texts are broken."""

    delivery: Delivery | None
    findings: tuple[Finding, ...]
    file_count: int
    size_bytes: int

    @property
    def is_good(self) -> bool:
        return not self.findings


def check_folder(folder: Path, tick: Ticker = no_ticker) -> CheckReport:
    """Check the delivery in `folder`, and report all findings at once; `tick` is told the bytes that were hashed."""
    found = survey(folder)
    texts, index_text = read_texts(folder, found.sizes.keys())
    findings = [*found.findings, *_folder_findings(found)]
    delivery = None
    try:
        delivery = read_delivery(texts, index_text)
    except InvalidDeliveryError as error:
        findings += error.findings
    payload = {path: size for path, size in found.sizes.items() if path.startswith(PAYLOAD)}
    findings += _payload_findings(folder, payload, parse_manifest(texts.get(MANIFEST, ""), []), tick)
    findings += _delivery_findings(folder, payload, delivery)
    return CheckReport(delivery, tuple(findings), len(payload), sum(payload.values()))


def _folder_findings(found: Survey) -> Iterator[Finding]:
    for top in sorted({path.split("/")[0] for path in found.sizes if "/" in path} - {PAYLOAD.rstrip("/")}):
        yield Rule.UNKNOWN_TAG_FILE.found(top, "beside data/ there is another folder")


def _payload_findings(
    folder: Path, payload: Mapping[str, int], contents: Mapping[str, str], tick: Ticker
) -> Iterator[Finding]:
    """Yield how the files differ from the manifest; only files that the survey saw are opened."""
    for path in sorted(contents.keys() - payload.keys()):
        # Not a finding of its own where the path itself is one: a path that escapes is never looked at.
        yield Rule.FILE_MISSING.found(path, "the file is not there")
    for path in sorted(payload.keys() - contents.keys()):
        yield Rule.FILE_UNLISTED.found(path, f"{MANIFEST} does not name it")

    def changed(path: str) -> Finding | None:
        try:
            digest = hash_file(folder / path, tick)
        except OSError as error:
            return Rule.FILE_UNREADABLE.found(path, error.strerror or "it cannot be read")
        return None if digest == contents[path] else Rule.FILE_CHANGED.found(path, f"its digest is {digest}")

    yield from filter(None, in_parallel(changed, sorted(contents.keys() & payload.keys())))


def _delivery_findings(folder: Path, payload: Mapping[str, int], delivery: Delivery | None) -> Iterator[Finding]:
    if delivery is None:
        return
    if delivery.contents.keys() <= payload.keys():
        yield from delivery.size_findings(payload)
    yield from _magic_findings(folder, payload.keys(), delivery)


def _magic_findings(folder: Path, present: AbstractSet[str], delivery: Delivery) -> Iterator[Finding]:
    for row in delivery.index.rows():
        if row.path in present and _magic(folder / row.path) not in (_PDF_MAGIC, None):
            yield Rule.FILE_NOT_PDF.found(row.path, "its first bytes are not %PDF-", row.file_id)


def _magic(path: Path) -> bytes | None:
    """Return the first bytes, or None where the file cannot be read (which is a finding already)."""
    try:
        with path.open("rb") as file:
            return file.read(len(_PDF_MAGIC))
    except OSError:
        return None
