"""What bag-info.txt says about a box and how it was scanned."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, NamedTuple

from aktenfluss.kernel import DIGEST_PATTERN

from .finding import Finding, InvalidDeliveryError
from .lines import numbered_lines, text_findings
from .manifest import BAG_INFO
from .rules import Rule

PROFILE = "https://aktenfluss.de/profiles/scan-delivery-v1"

_LINE = re.compile(r"([A-Za-z0-9][A-Za-z0-9-]*): (\S(?:.*\S)?)")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", re.ASCII)
_TEXT = re.compile(r"[^\x00-\x1f\x7f-\x9f\u2028\u2029]{1,200}")
_OXUM = re.compile(r"([0-9]{1,15})\.([0-9]{1,9})", re.ASCII)
_REVISION = re.compile(r"[1-9][0-9]{0,3}", re.ASCII)


class Oxum(NamedTuple):
    """The size of the payload in bytes and its number of files."""

    octets: int
    files: int

    def __str__(self) -> str:
        return f"{self.octets}.{self.files}"


NOT_COUNTED = Oxum(0, 0)
"""What a draft says before the payload is packed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BagInfo:
    """The labels of bag-info.txt that a delivery has; fields that default to None are optional.

    `external_identifier` is the box, `bag_group_identifier` the project, `operator_pseudonym` never a name.
    `supersedes` is the id of the delivery that this one replaces.
    """

    bagit_profile_identifier: str = PROFILE
    source_organization: str
    external_identifier: str
    bag_group_identifier: str
    scan_order_id: str
    scan_profile: str
    scanner_model: str
    scanner_serial: str
    scan_software: str
    operator_pseudonym: str
    scan_started: datetime
    scan_finished: datetime
    payload_oxum: Oxum = NOT_COUNTED
    delivery_revision: int = 1
    supersedes: str | None = None
    seal_number_out: str | None = None
    seal_number_in: str | None = None

    def format(self) -> str:
        """Return the text of bag-info.txt."""
        values = ((label, getattr(self, name)) for name, label in _LABELS.items())
        return "".join(f"{label}: {_written(value)}\n" for label, value in values if value is not None)


def parse_bag_info(text: str, findings: list[Finding]) -> BagInfo | None:
    """Return the labels, or None where `findings` now say why not."""
    return _info(_labelled_lines(text, findings), findings)


def _info(labelled: Mapping[str, str], findings: list[Finding]) -> BagInfo | None:
    broken: list[Finding] = []
    values = _values(labelled, broken)
    info = None if broken else BagInfo(**values)
    findings += broken if info is None else _law_findings(info)
    return info


def draft_bag_info(text: str) -> BagInfo:
    """Return the labels of a draft, to which packing adds the profile and Payload-Oxum.

    Raises InvalidDeliveryError with everything that is wrong with it.
    """
    findings = text_findings(BAG_INFO, text)
    info = _info({**_labelled_lines(text, findings), **_PACKED}, findings)
    if findings or info is None:
        raise InvalidDeliveryError(findings)
    return info


def _labelled_lines(text: str, findings: list[Finding]) -> dict[str, str]:
    labelled: dict[str, str] = {}
    for number, line in _unfolded_lines(text):
        match = _LINE.fullmatch(line)
        place = f"{BAG_INFO}:{number}"
        if match is None:
            findings.append(Rule.BAG_INFO_MALFORMED.found(place, "it is not a label and a value"))
        elif match[1].lower() in labelled and match[1].lower() in _FIELDS:
            findings.append(Rule.BAG_INFO_TWICE.found(place, f"{match[1]} was told before"))
        else:
            labelled[match[1].lower()] = match[2]
    return labelled


def _unfolded_lines(text: str) -> list[tuple[int, str]]:
    """Return logical lines: one that starts with white space continues the one before (RFC 8493, section 2.2.2)."""
    lines: list[tuple[int, list[str]]] = []
    for number, line in numbered_lines(text):
        if lines and line[:1] in (" ", "\t") and line.strip():
            lines[-1][1].append(line.strip())
        else:
            lines.append((number, [line]))
    return [(number, " ".join(parts)) for number, parts in lines]


def _values(labelled: Mapping[str, str], findings: list[Finding]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for label, name in _FIELDS.items():
        if label in labelled:
            try:
                values[name] = _READERS.get(name, _text)(labelled[label])
            except ValueError as error:
                findings.append(Rule.BAG_INFO_VALUE.found(BAG_INFO, f"{_LABELS[name]}: {error}"))
        elif name not in _OPTIONAL:
            findings.append(Rule.BAG_INFO_MISSING.found(BAG_INFO, f"{_LABELS[name]} is not there"))
    return values


def _law_findings(info: BagInfo) -> list[Finding]:
    findings = []
    if (info.delivery_revision > 1) is not (info.supersedes is not None):
        findings.append(Rule.REVISION_MISMATCH.found(BAG_INFO, f"this is revision {info.delivery_revision}"))
    if info.scan_finished < info.scan_started:
        findings.append(Rule.BAG_INFO_VALUE.found(BAG_INFO, "Scan-Finished is before Scan-Started"))
    return findings


def _pattern(pattern: re.Pattern[str], kind: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if pattern.fullmatch(text) is None:
            raise ValueError(f"it is not {kind}")
        return text

    return read


_text = _pattern(_TEXT, "a text of at most 200 characters")
_name = _pattern(_NAME, "a name of at most 64 letters, digits, dots, underscores and hyphens")


def _instant(text: str) -> datetime:
    try:
        instant = datetime.fromisoformat(text)
    except ValueError as error:
        raise ValueError("it is not an ISO 8601 date with time and offset") from error
    if instant.tzinfo is None:
        raise ValueError("it has no offset from UTC")
    return instant


def _oxum(text: str) -> Oxum:
    match = _OXUM.fullmatch(text)
    if match is None:
        raise ValueError("it is not <bytes>.<files>")
    return Oxum(int(match[1]), int(match[2]))


def _revision(text: str) -> int:
    return int(_pattern(_REVISION, "a number from 1 to 9999")(text))


def _written(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


_READERS: Mapping[str, Callable[[str], Any]] = {
    "external_identifier": _name,
    "bag_group_identifier": _name,
    "scan_order_id": _name,
    "scan_started": _instant,
    "scan_finished": _instant,
    "payload_oxum": _oxum,
    "delivery_revision": _revision,
    "supersedes": _pattern(re.compile(DIGEST_PATTERN), "a digest, sha256: and 64 hexadecimal digits"),
    "bagit_profile_identifier": _pattern(re.compile(re.escape(PROFILE)), PROFILE),
}
_OPTIONAL = frozenset({"supersedes", "seal_number_out", "seal_number_in"})


def _label(name: str) -> str:
    return name.replace("_", "-").title().replace("Bagit", "BagIt")


_LABELS: Mapping[str, str] = {field.name: _label(field.name) for field in fields(BagInfo)}
_FIELDS: Mapping[str, str] = {label.lower(): name for name, label in _LABELS.items()}
_PACKED: Mapping[str, str] = {"bagit-profile-identifier": PROFILE, "payload-oxum": str(NOT_COUNTED)}
