"""People who do not exist, with the names that a German immigration office really meets."""

import csv
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib.resources import files
from random import Random

from .chance import dice

AUTHORITY = "Stadt Auental, Ausländerbehörde"
AUTHORITY_KEY = "06499000"

_STREETS = (
    "Lindenstraße",
    "Bürgermeister-Kühn-Allee",
    "Am Großen Anger",
    "Mühlgäßchen",
    "Bahnhofstraße",
    "Schönbornweg",
    "Goetheplatz",
    "Zur Alten Ziegelhütte",
)


@dataclass(frozen=True, slots=True)
class Origin:
    """A country with names as they are written there; most carry letters that ASCII has not."""

    country: str
    family_names: tuple[str, ...]
    women: tuple[str, ...]
    men: tuple[str, ...]


@cache
def origins() -> tuple[Origin, ...]:
    text = (files(__package__) / "names.csv").read_text(encoding="utf-8")
    rows = list(csv.reader(text.splitlines(), delimiter=";"))[1:]
    return tuple(Origin(country, *(tuple(names.split(",")) for names in lists)) for country, *lists in rows)


@dataclass(frozen=True, slots=True)
class Person:
    """The subject of one case file."""

    file_number: str
    family_name: str
    given_names: str
    female: bool
    birth_date: date
    country: str
    street: str

    @property
    def name(self) -> str:
        return f"{self.given_names} {self.family_name}"

    def stock_line(self) -> dict[str, str]:
        """Return the person's line of the stock list, as `POST /v1/case-files:import` wants it."""
        return {
            "keeping_authority": AUTHORITY_KEY,
            "file_number": self.file_number,
            "family_name": self.family_name,
            "given_names": self.given_names,
            "birth_date": self.birth_date.isoformat(),
        }


def make_people(count: int, seed: int) -> tuple[Person, ...]:
    """Return `count` people; every origin has its turn and no file number comes twice."""
    return tuple(_person(number, dice(seed, "person", number)) for number in range(count))


def _person(number: int, throw: Random) -> Person:
    origin = origins()[number % len(origins())]
    female = throw.random() < 0.5
    family_name = throw.choice(origin.family_names)
    return Person(
        file_number=f"33.21-{family_name[0].upper()}-{throw.randrange(1994, 2020)}/{4711 + 37 * number:05d}",
        family_name=family_name,
        given_names=throw.choice(origin.women if female else origin.men),
        female=female,
        birth_date=date(1950, 1, 1) + timedelta(days=throw.randrange(19_000)),
        country=origin.country,
        street=f"{throw.choice(_STREETS)} {throw.randrange(1, 140)}",
    )
