"""Names of persons: which characters they have (DIN 91379) and how they are folded for search."""

import re
import unicodedata
from typing import Annotated, Any

from annotated_types import MinLen
from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

_APOSTROPHES = "'`\u00b4\u2018\u2019\u02b9\u02ba\u02bc\u02be\u02bf\u02c8\u02cc"
_LATIN = "A-Za-zÀ-ÖØ-öø-ʯʰ-ʳ\u1e00-\u1eff"
_MARKS = "\u0300-\u036f"
_CHARACTERS = f",\\-.~\u00a8\u00b7\u2021{_LATIN}{_MARKS}{_APOSTROPHES}"
_FOREIGN_CHARACTER = re.compile(f"[^ {_CHARACTERS}]")

_UNDECOMPOSED = dict(zip("øđðłıħŋŧəɨʒǥƶɓɗɖƙƴƈɛɔɣĸ", "oddlihnteizgzbddkyceogk", strict=True))
_SPELLINGS = str.maketrans(_UNDECOMPOSED | {"æ": "ae", "œ": "oe", "þ": "th"} | dict.fromkeys(_APOSTROPHES, ""))
"""What Unicode does not decompose into a base letter and marks: letters of DIN 91379, and apostrophes, which go."""


def _spelled(name: str) -> str:
    foreign = _FOREIGN_CHARACTER.search(name)
    if foreign:
        raise PydanticCustomError(
            "person_name", "DIN 91379 has no character {code} in names", {"code": f"U+{ord(foreign[0]):04X}"}
        )
    return unicodedata.normalize("NFC", name).strip(" ")


def _written(pattern: str) -> Any:
    # The rule itself is in `_spelled`, which can say which character is wrong; the pattern tells it to the schema.
    return Field(max_length=200, json_schema_extra={"pattern": pattern})


GivenNames = Annotated[str, _written(f"^[ {_CHARACTERS}]*$"), AfterValidator(_spelled)]
"""Given names as the register spells them; empty where a person has only one name."""

FamilyName = Annotated[str, _written(f"^ *[{_CHARACTERS}][ {_CHARACTERS}]*$"), AfterValidator(_spelled), MinLen(1)]
"""The family name as the register spells it, or the only name of a person."""


def fold(name: str) -> str:
    """Return how `name` is spelled for search: Latin letters and digits in lower case, single spaces between words.

    Marks and apostrophes are dropped and special letters replaced, so that a clerk finds Đorđević as dordevic.
    """
    decomposed = unicodedata.normalize("NFKD", name.translate(_SPELLINGS)).casefold().translate(_SPELLINGS)
    bare = (
        character for character in unicodedata.normalize("NFKD", decomposed) if not unicodedata.combining(character)
    )
    return " ".join("".join(character if character.isalnum() else " " for character in bare).split())


SearchedName = Annotated[str, Field(max_length=200, pattern=f"[0-9{_LATIN}]"), AfterValidator(fold)]
"""The beginning of a name as somebody types it, folded."""
