"""Packing: a folder of PDFs and their index become a delivery."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from aktenfluss.kernel import digest_of

from .bag_info import BagInfo, Oxum
from .delivery import Delivery, read_delivery
from .finding import Finding, InvalidDeliveryError
from .hashing import Ticker, copy_file, hash_file, in_parallel, no_ticker
from .index import IndexRow, format_index, parse_rows
from .index_laws import index_findings
from .manifest import BAG_INFO, BAGIT_DECLARATION, BAGIT_TXT, MANIFEST, TAG_MANIFEST
from .paths import INDEX_PATH, PAYLOAD, broken_path_rule
from .rules import Rule


def build_delivery(
    target: Path,
    rows: Iterable[IndexRow],
    info: BagInfo,
    source: Path | None = None,
    tick: Ticker = no_ticker,
) -> Delivery:
    """Pack a delivery into the folder `target` and return it.

    `rows` are the documents and the totals of the index; the file of `data/a/b.pdf` is copied from `a/b.pdf` in
    `source`, or lies at its place in `target` already where there is no source. The same input gives the same bytes,
    and running it again is safe: tag files come last. Payload-Oxum of `info` is counted here.
    Raises InvalidDeliveryError, before it copies anything, with everything that is wrong.
    """
    index_text = format_index(rows)
    paths = _checked_paths(index_text, source or target / PAYLOAD)
    (target / PAYLOAD).mkdir(parents=True, exist_ok=True)
    contents = _packed(target, paths, source, tick) | {INDEX_PATH: digest_of(index_text.encode())}
    _write(target / INDEX_PATH, index_text)
    octets = sum((target / path).stat().st_size for path in contents)
    tag_files = _tag_files(contents, replace(info, payload_oxum=Oxum(octets, len(contents))))
    delivery = read_delivery(tag_files, index_text)
    for name, text in tag_files.items():
        _write(target / name, text)
    return delivery


def _checked_paths(index_text: str, source: Path) -> list[str]:
    """Return the payload paths of the index after all was checked that can be without reading a payload file."""
    findings: list[Finding] = []
    parsed = parse_rows(index_text, findings)
    paths = sorted({row.path for _, row in parsed.good if not row.is_totals})
    findings += index_findings(parsed, dict.fromkeys(paths, ""))
    for path in paths:
        rule = broken_path_rule(path)
        if rule is not None:
            findings.append(rule.found(INDEX_PATH, "path of a row breaks the rule"))
        elif not (source / path.removeprefix(PAYLOAD)).is_file():
            findings.append(Rule.FILE_MISSING.found(path, "the file is not there"))
    if findings:
        raise InvalidDeliveryError(findings)
    return paths


def _packed(target: Path, paths: list[str], source: Path | None, tick: Ticker) -> dict[str, str]:
    def pack(path: str) -> str:
        if source is None:
            return hash_file(target / path, tick)
        return copy_file(source / path.removeprefix(PAYLOAD), target / path, tick)

    return dict(zip(paths, in_parallel(pack, paths), strict=True))


def _tag_files(contents: Mapping[str, str], info: BagInfo) -> dict[str, str]:
    texts = {BAGIT_TXT: BAGIT_DECLARATION, BAG_INFO: info.format(), MANIFEST: _manifest(contents)}
    return texts | {TAG_MANIFEST: _manifest({name: digest_of(text.encode()) for name, text in texts.items()})}


def _manifest(digests: Mapping[str, str]) -> str:
    return "".join(f"{digests[path].removeprefix('sha256:')}  {path}\n" for path in sorted(digests))


def _write(path: Path, text: str) -> None:
    path.write_bytes(text.encode())
