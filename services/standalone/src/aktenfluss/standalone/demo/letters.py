"""Letters, notes and forms of the office: the wording lies beside this module, the particulars are made up here."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib.resources import files
from random import Random

from .people import AUTHORITY, Person
from .sheet import Sheet

KINDS = (
    "application",
    "decision",
    "registration",
    "hearing",
    "payslip",
    "file_note",
    "commitment",
    "appointment",
    "receipt",
    "lawyer",
)

_MONTHS = [
    "Januar",
    "Februar",
    "März",
    "April",
    "Mai",
    "Juni",
    "Juli",
    "August",
    "September",
    "Oktober",
    "November",
    "Dezember",
]
_CLERKS = ("Böttcher", "Groß", "Kühnel", "Özdemir", "Schäfer-Weiß", "Jäger")


def german_date(day: date) -> str:
    return f"{day.day}. {_MONTHS[day.month - 1]} {day.year}"


@dataclass(frozen=True, slots=True)
class Leaf:
    """Where a page lies in its case file: the leaf number that the office stamped on it, and which side."""

    number: int
    side: int


@cache
def wording(kind: str) -> tuple[tuple[str, ...], ...]:
    """Return the pages of a piece of writing, each as its marked-up lines; the first says which frame it has.

    `#` a heading, `|` a label and a value, `<` a ruled field, `[?]` a box to tick, an empty line a gap, all else prose.
    """
    text = (files(__package__) / "wording" / f"{kind}.txt").read_text(encoding="utf-8")
    return tuple(tuple(page.strip().split("\n")) for page in text.split("\n---\n"))


def particulars(person: Person, day: date, throw: Random) -> dict[str, str]:
    """Return what the wording leaves open, by its German names."""
    earlier = day - timedelta(days=throw.randrange(20, 700))
    later = day + timedelta(days=throw.randrange(20, 900))
    amounts = {
        "betrag": throw.randrange(28, 140),
        "betrag2": throw.randrange(1_250, 2_900),
        "betrag3": throw.randrange(1_900, 3_900),
        "betrag4": throw.randrange(150, 380),
    }
    return {name: f"{euros},{throw.randrange(100):02d}" for name, euros in amounts.items()} | {
        "name": person.name,
        "familienname": person.family_name,
        "vornamen": person.given_names,
        "anrede": f"Sehr geehrte{' Frau' if person.female else 'r Herr'} {person.family_name}",
        "geboren": german_date(person.birth_date),
        "staat": person.country,
        "straße": person.street,
        "aktenzeichen": person.file_number,
        "datum": german_date(day),
        "monat": f"{_MONTHS[day.month - 1]} {day.year}",
        "früher": german_date(earlier),
        "später": german_date(later),
        "sachbearbeitung": throw.choice(_CLERKS),
        "passnummer": f"{throw.choice('CFGHJKLMNPRTVWXYZ')}{throw.randrange(10**7, 10**8)}",
        "familienstand": throw.choice(("ledig", "verheiratet", "geschieden")),
        "verwandtschaft": throw.choice(("Mutter", "Bruder", "Nichte", "keine, Bekannte")),
        "gast": throw.choice(("Élodie", "Ümit", "Žofia", "Đan", "Ștefan")),
        "kinder": str(throw.randrange(5)),
        "zimmer": str(throw.randrange(101, 420)),
        "uhrzeit": f"{throw.randrange(8, 16)}.{throw.choice(('00', '15', '30', '45'))}",
    }


def draw_page(lines: tuple[str, ...], values: dict[str, str], leaf: Leaf, throw: Random) -> Sheet:
    """Put a page of wording on paper, stamped with its leaf number as every leaf of a paper file is."""
    sheet = Sheet()
    _FRAMES[lines[0]](sheet, values, throw)
    for line in lines[1:]:
        _draw_line(sheet, line.format_map(values), throw)
    side = "" if leaf.side == 1 else " Rückseite"
    sheet.at(168, 8, f"Bl. {leaf.number}{side}", "typed", 13)
    sheet.at(25, 280, f"Az. {values['aktenzeichen']} · {values['datum']} · Blatt {leaf.number}{side}")
    return sheet


def _draw_line(sheet: Sheet, line: str, throw: Random) -> None:
    mark, _, rest = line.partition(" ")
    label, _, value = rest.partition(" | ")
    match mark:
        case "":
            sheet.gap(4)
        case "#":
            sheet.heading(rest)
        case "|":
            sheet.row(label, value)
        case "<":
            sheet.field(label, value)
        case "[?]":
            sheet.tick_box(rest, ticked=throw.random() < 0.4)
        case _:
            sheet.paragraph(line)


def _letter(sheet: Sheet, values: dict[str, str], throw: Random) -> None:
    sheet.at(25, 18, AUTHORITY, "bold", 15)
    sheet.at(25, 26, "Rathausplatz 1 · 63999 Auental · Telefon 06999 815-0")
    for number, part in enumerate(("name", "straße")):
        sheet.at(25, 55 + 5.5 * number, values[part], points=11)
    sheet.at(25, 66, "63999 Auental", points=11)
    sheet.at(25, 88, f"Unser Zeichen: {values['aktenzeichen']}", "typed", 9.5)
    sheet.at(140, 88, values["datum"], "typed", 9.5)
    sheet.move_to(98)
    if throw.random() < 0.4:
        sheet.stamp(f"Abgesandt / {values['datum']}", throw.uniform(-7, 7))


def _form(sheet: Sheet, values: dict[str, str], throw: Random) -> None:
    sheet.at(25, 14, f"{AUTHORITY} · Vordruck ABH {throw.randrange(10, 90)}", "bold", 9)
    sheet.move_to(24)
    if throw.random() < 0.5:
        sheet.at(122, 14, f"Eingegangen {values['datum']}", "bold", 9)


def _note(sheet: Sheet, values: dict[str, str], throw: Random) -> None:
    sheet.at(25, 18, AUTHORITY, "bold", 13)
    sheet.at(25, 25, f"Zimmer {values['zimmer']} · Bearbeitung: {values['sachbearbeitung']}")
    sheet.move_to(38 + 2 * throw.randrange(4))


def _next(sheet: Sheet, values: dict[str, str], _: Random) -> None:
    sheet.at(25, 18, f"Seite 2 zum Schreiben vom {values['datum']} an {values['name']}")
    sheet.move_to(28)


def _plain(sheet: Sheet, values: dict[str, str], throw: Random) -> None:
    sheet.move_to(80)
    sheet.stamp(f"Eingegangen / {values['datum']}", throw.uniform(-9, 9))


_FRAMES = {"@letter": _letter, "@form": _form, "@note": _note, "@next": _next, "@plain": _plain}


def writings(person: Person, began_on: date, throw: Random) -> Iterator[tuple[tuple[str, ...], dict[str, str]]]:
    """Yield page after page of what an office writes to a person over the years, without end."""
    day = began_on
    while True:
        values = particulars(person, day, throw)
        for lines in wording(throw.choice(KINDS)):
            yield lines, values
        day += timedelta(days=throw.randrange(1, 45))
