"""What a check found, and the error that carries all that it found."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from aktenfluss.kernel import Kind, Problem


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One broken rule: which, where, at which order item, what exactly, and what to do about it.

    `place` is a file of the delivery, with `:` and the line's number where it has lines.
    """

    rule: str
    place: str
    item: str | None
    detail: str
    way_out: str


class InvalidDeliveryError(Problem):
    """The manifest or the index of a scan delivery breaks rules of the format; nothing of it was stored.

    Way out: correct every entry of `findings` (each has its own way out), pack the delivery again, run
    `aktenfluss-delivery check` on it, then push it.
    """

    slug = "invalid-delivery"
    title = "The delivery breaks rules of the format"
    kind = Kind.INVALID

    def __init__(self, findings: Sequence[Finding]) -> None:
        count = len(findings)
        super().__init__(
            f"{count} finding{'' if count == 1 else 's'}, the first: {findings[0].rule} at {findings[0].place}",
            findings=[asdict(finding) for finding in findings],
        )
        self.findings = tuple(findings)
