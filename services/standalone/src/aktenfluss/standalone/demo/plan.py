"""What the demo will do, decided before anything is made, so that its outcome can be held against it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import pairwise
from math import exp
from random import Random

from .chance import dice
from .people import Person, make_people

FEWEST_SHEETS = 5
MOST_SHEETS = 400
_MEDIAN_SHEETS = 15
_SPREAD = 1.0
_MOST_DOCUMENTS = 8


@dataclass(frozen=True, slots=True)
class PlannedDocument:
    """One document of a case file: a PDF of `pages` scanned sides; the empty backs are suppressed."""

    number: int
    sheets: int
    pages: int
    began_on: date

    @property
    def suppressed(self) -> int:
        return 2 * self.sheets - self.pages


@dataclass(frozen=True, slots=True)
class PlannedFile:
    """One paper case file in the order of its documents; the lead sheet is counted with the first of them."""

    number: int
    seed: int
    person: Person
    documents: tuple[PlannedDocument, ...]

    @property
    def pages(self) -> int:
        return sum(document.pages for document in self.documents)

    @property
    def sheets(self) -> int:
        return sum(document.sheets for document in self.documents)


@dataclass(frozen=True, slots=True)
class Plan:
    """Two boxes of case files; the second hides a truncated file, a missing one and one that nobody ordered."""

    first_box: tuple[PlannedFile, ...]
    second_box: tuple[PlannedFile, ...]
    stranger: PlannedFile
    truncated: PlannedFile
    missing: PlannedFile

    @property
    def files(self) -> tuple[PlannedFile, ...]:
        return self.first_box + self.second_box

    @property
    def documents(self) -> int:
        return sum(len(file.documents) for file in self.files)

    @property
    def pages(self) -> int:
        return sum(file.pages for file in self.files)

    @property
    def sheets(self) -> int:
        return sum(file.sheets for file in self.files)


def make_plan(count: int = 60, seed: int = 2631) -> Plan:
    """Return the plan for `count` case files, at least 3."""
    if count < 3:
        raise ValueError("the demo needs at least 3 case files: one good, one to be truncated, one to get lost")
    people = make_people(count + 1, seed)
    files = [_plan_file(number, person, seed) for number, person in enumerate(people)]
    middle = max(1, count // 2)
    second = tuple(files[middle:count])
    return Plan(tuple(files[:middle]), second, _short(files[count]), truncated=second[-2], missing=second[-1])


def _short(file: PlannedFile) -> PlannedFile:
    return replace(file, documents=file.documents[:1])


def _plan_file(number: int, person: Person, seed: int) -> PlannedFile:
    throw = dice(seed, "file", number)
    sheets = round(_MEDIAN_SHEETS * exp(throw.gauss(0, _SPREAD)))
    parts = _split(min(MOST_SHEETS, max(FEWEST_SHEETS, sheets)), throw)
    began_on = date(1996, 1, 1) + timedelta(days=throw.randrange(6_000))
    documents = []
    for place, count in enumerate(parts, start=1):
        backs = sum(throw.random() < 0.12 for _ in range(count - 1))
        documents.append(PlannedDocument(place, count, count + backs, began_on))
        began_on += timedelta(days=throw.randrange(60, 900))
    return PlannedFile(number, seed, person, tuple(documents))


def _split(sheets: int, throw: Random) -> Sequence[int]:
    """Cut a stack of sheets into 1 to 8 documents of at least two sheets."""
    count = min(sheets // 2, throw.randint(1, _MOST_DOCUMENTS))
    cuts = sorted(throw.sample(range(1, sheets // 2), count - 1))
    edges = [0, *(2 * cut for cut in cuts), sheets]
    return [after - before for before, after in pairwise(edges)]
