"""Every number of the demo beside the one that was planned."""

from dataclasses import dataclass
from pathlib import Path

from .boxes import STRANGER_ITEM
from .office import Balance, Holdings
from .plan import Plan


@dataclass(frozen=True, slots=True)
class Figure:
    """One number, or another fact, as planned and as found."""

    name: str
    planned: object
    found: object

    @property
    def as_planned(self) -> bool:
        return self.planned == self.found

    def __str__(self) -> str:
        return f"{self.name}: planned {self.planned}, found {self.found}"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of the demo."""

    figures: tuple[Figure, ...]

    @property
    def deviations(self) -> list[str]:
        return [str(figure) for figure in self.figures if not figure.as_planned]

    @property
    def as_planned(self) -> bool:
        return not self.deviations


@dataclass(frozen=True, slots=True)
class Expectation:
    """What follows from the plan, before anything was sent."""

    plan: Plan
    items: dict[str, str]
    store: Path

    @property
    def after_mishaps(self) -> Balance:
        listed = len(self.plan.files)
        return Balance(listed, filed=listed - 2, accepted=0, rejected=2, missing=0)

    @property
    def in_the_end(self) -> Balance:
        listed = len(self.plan.files)
        return Balance(listed, filed=listed, accepted=0, rejected=0, missing=0)

    @property
    def findings(self) -> list[str]:
        """The rules that the second box breaks, each with its order item."""
        truncated = self.items[self.plan.truncated.person.file_number]
        missing = self.items[self.plan.missing.person.file_number]
        rules = {"pdf-unreadable": truncated, "content-missing": missing, "unknown-item": STRANGER_ITEM}
        return sorted(f"{rule} at {item}" for rule, item in rules.items())

    @property
    def holdings(self) -> Holdings:
        folders = (self.store / item for item in self.items.values())
        size = sum(path.stat().st_size for folder in folders for path in folder.iterdir())
        return Holdings(len(self.plan.files), self.plan.documents, self.plan.pages, size)
