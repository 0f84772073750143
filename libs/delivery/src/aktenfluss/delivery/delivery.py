"""A delivery: what its tag files and its index say, read and judged without its payload."""

from collections.abc import Mapping
from dataclasses import dataclass

from aktenfluss.kernel import digest_of

from .bag_info import BagInfo, parse_bag_info
from .finding import Finding, InvalidDeliveryError
from .index import Index, parse_rows
from .index_laws import index_findings
from .lines import is_encodable, text_findings
from .manifest import BAG_INFO, MANIFEST, TAG_MANIFEST, parse_manifest, tag_file_findings
from .paths import INDEX_PATH
from .rules import Rule


@dataclass(frozen=True, slots=True)
class Delivery:
    """One bag: a box of scans, or one revision of it.

    `id` is the digest of tagmanifest-sha256.txt: it fixes every byte of the delivery. `contents` gives the digest of
    each payload path, `data/index.csv` included.
    """

    id: str
    contents: Mapping[str, str]
    index: Index
    info: BagInfo

    def size_findings(self, sizes: Mapping[str, int]) -> list[Finding]:
        """Return whether the payload files, with these sizes in bytes by path, are as large as Payload-Oxum says."""
        octets = sum(sizes[path] for path in self.contents)
        if octets == self.info.payload_oxum.octets:
            return []
        detail = f"Payload-Oxum says {self.info.payload_oxum.octets} bytes, the files have {octets}"
        return [Rule.OXUM_MISMATCH.found(BAG_INFO, detail)]


def read_delivery(tag_files: Mapping[str, str], index_text: str) -> Delivery:
    """Return the delivery; raises InvalidDeliveryError with everything that is wrong with it.

    `tag_files` are the texts of the files beside data/ by name, line ends untouched.
    """
    findings = tag_file_findings(tag_files)
    contents = parse_manifest(tag_files[MANIFEST], findings) if MANIFEST in tag_files else {}
    info = parse_bag_info(tag_files[BAG_INFO], findings) if BAG_INFO in tag_files else None
    index = _read_index(index_text, contents, findings)
    if info is not None and info.payload_oxum.files != len(contents):
        detail = f"Payload-Oxum says {info.payload_oxum.files} files, the manifest names {len(contents)}"
        findings.append(Rule.OXUM_MISMATCH.found(BAG_INFO, detail))
    if findings or info is None:
        raise InvalidDeliveryError(findings)
    return Delivery(digest_of(tag_files[TAG_MANIFEST].encode()), contents, index, info)


def _read_index(text: str, contents: Mapping[str, str], findings: list[Finding]) -> Index:
    broken = text_findings(INDEX_PATH, text)
    findings += broken
    if is_encodable(text) and contents.get(INDEX_PATH, "") not in ("", digest_of(text.encode())):
        findings.append(Rule.INDEX_CHANGED.found(INDEX_PATH, f"its digest is not {contents[INDEX_PATH]}"))
    if broken:
        return Index.of(())
    parsed = parse_rows(text, findings)
    findings += index_findings(parsed, contents)
    return Index.of(row for _, row in parsed.good)
