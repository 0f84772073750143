"""The tag files of a delivery and the two manifests among them."""

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType

from aktenfluss.kernel import digest_of

from .finding import Finding
from .lines import is_encodable, numbered_lines, text_findings
from .paths import INDEX_PATH, broken_path_rule
from .rules import Rule

BAGIT_TXT = "bagit.txt"
BAG_INFO = "bag-info.txt"
MANIFEST = "manifest-sha256.txt"
TAG_MANIFEST = "tagmanifest-sha256.txt"
_LISTED = (BAGIT_TXT, BAG_INFO, MANIFEST)
TAG_FILES = (*_LISTED, TAG_MANIFEST)
BAGIT_DECLARATION = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
MAX_FILES = 20_000

_OTHER_MANIFEST = re.compile(r"(?:tag)?manifest-([a-z0-9]+)\.txt", re.ASCII | re.IGNORECASE)
_WEAK = frozenset({"md5", "sha1"})
_LINE = re.compile(r"([0-9a-fA-F]{64}) {1,2}(\S(?:.*\S)?)", re.ASCII | re.DOTALL)
_VERSIONS = frozenset({"1.0", "0.97"})


def tag_file_findings(tag_files: Mapping[str, str]) -> list[Finding]:
    """Return what is wrong with the set of tag files: their names, their text and their digests."""
    findings = [*_name_findings(tag_files), *_missing_findings(tag_files)]
    for name in tag_files.keys() & set(TAG_FILES):
        findings += text_findings(name, tag_files[name])
    if BAGIT_TXT in tag_files:
        findings += _declaration_findings(tag_files[BAGIT_TXT])
    if TAG_MANIFEST in tag_files:
        findings += _tag_manifest_findings(tag_files)
    return findings


def parse_manifest(text: str, findings: list[Finding]) -> Mapping[str, str]:
    """Return the digest of each payload path; what is wrong is added to `findings`."""
    contents: dict[str, str] = {}
    folded: dict[str, str] = {}
    for place, digest, path in _entries(MANIFEST, text, findings):
        contents[path] = digest
        rule = broken_path_rule(path)
        if rule is not None:
            # A path with forbidden characters may be anybody's name: it is told by its line only.
            findings.append(rule.found(place, "the path of this line breaks the rule"))
        elif (other := folded.setdefault(path.lower(), path)) != path:
            findings.append(Rule.CASE_COLLISION.found(place, f"{path} collides with {other}"))
    findings += _size_findings(contents)
    return MappingProxyType(contents)


def _size_findings(contents: Mapping[str, str]) -> Iterator[Finding]:
    if not contents:
        yield Rule.MANIFEST_EMPTY.found(MANIFEST, "it names nothing")
    elif INDEX_PATH not in contents:
        yield Rule.INDEX_MISSING.found(MANIFEST, f"{INDEX_PATH} is not named")
    if len(contents) > MAX_FILES:
        yield Rule.TOO_MANY_FILES.found(MANIFEST, f"it names {len(contents)} files")


def _entries(name: str, text: str, findings: list[Finding]) -> Iterator[tuple[str, str, str]]:
    """Yield place, digest and path of each good line; a path comes once."""
    seen: set[str] = set()
    for number, line in numbered_lines(text):
        place = f"{name}:{number}"
        match = _LINE.fullmatch(line)
        if match is None:
            findings.append(Rule.MANIFEST_LINE_MALFORMED.found(place, "it is not a SHA-256 digest and a path"))
        elif match[2] in seen:
            findings.append(Rule.PATH_TWICE.found(place, "an earlier line names the same path"))
        else:
            seen.add(match[2])
            yield place, f"sha256:{match[1].lower()}", match[2]


def _name_findings(tag_files: Mapping[str, str]) -> Iterator[Finding]:
    for name in sorted(tag_files.keys() - set(TAG_FILES)):
        yield unexpected_tag_file(name, "tag files", has_sha256=MANIFEST in tag_files)


def unexpected_tag_file(name: str, place: str, *, has_sha256: bool = True) -> Finding:
    """Return what is wrong with a file of this name beside data/."""
    other = _OTHER_MANIFEST.fullmatch(name)
    if name.lower() == "fetch.txt":
        return Rule.FETCH_FORBIDDEN.found(place, "there is a fetch.txt")
    if other is None:
        return Rule.UNKNOWN_TAG_FILE.found(place, "beside data/ there is a file that is none of the four tag files")
    algorithm = other[1].lower()
    if algorithm in _WEAK and not has_sha256:
        return Rule.MD5_ONLY.found(place, f"{algorithm} is the only algorithm")
    return Rule.UNKNOWN_ALGORITHM.found(place, f"there is a manifest of {algorithm}")


def _missing_findings(tag_files: Mapping[str, str]) -> Iterator[Finding]:
    for name in TAG_FILES:
        if name not in tag_files:
            yield Rule.TAG_FILE_MISSING.found(name, "the file is not there")


def _declaration_findings(text: str) -> Iterator[Finding]:
    lines = [line for _, line in numbered_lines(text)]
    versions = {f"BagIt-Version: {version}" for version in _VERSIONS}
    if len(lines) != 2 or lines[0] not in versions or lines[1] != "Tag-File-Character-Encoding: UTF-8":
        yield Rule.BAGIT_TXT_MALFORMED.found(BAGIT_TXT, "it is not the declaration of a bag")


def _tag_manifest_findings(tag_files: Mapping[str, str]) -> list[Finding]:
    findings: list[Finding] = []
    listed: dict[str, str] = {}
    for place, digest, name in _entries(TAG_MANIFEST, tag_files[TAG_MANIFEST], findings):
        listed[name] = digest
        if name not in _LISTED:
            findings.append(unexpected_tag_file(name, place))
    for name in _LISTED:
        if name not in listed:
            findings.append(Rule.TAG_FILE_UNLISTED.found(name, f"{TAG_MANIFEST} does not name it"))
        elif name in tag_files and _digest(tag_files[name]) not in (None, listed[name]):
            findings.append(Rule.TAG_FILE_CHANGED.found(name, f"its digest is not {listed[name]}"))
    return findings


def _digest(text: str) -> str | None:
    """Return the digest of a text that can be written as UTF-8 (what cannot is a finding already)."""
    return digest_of(text.encode()) if is_encodable(text) else None
