"""What is known of a case file before it is opened: one line of the stock list."""

import codecs
import re
from datetime import date
from typing import Annotated, Self
from urllib.parse import quote

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

from aktenfluss.contracts.cases import COMPOSED, KeepingAuthority, Medium

from .errors import InvalidStockLineError
from .person_name import FamilyName, GivenNames

LINE_LIMIT = 16_384
"""The longest line of a stock list, in bytes."""

MAX_ERRORS = 100
"""How many broken rules of a line are named: one may hold thousands of fields, and a report is held in memory."""

type FileKey = tuple[str, str]
"""What names a case file outside of Aktenfluss: its keeping authority and its file number there."""


_CHARACTERS = "!-~\u00c0-\u024f\u0300-\u036f\u2013"
_FILE_NUMBER = f"^[{_CHARACTERS}]([ {_CHARACTERS}]{{0,78}}[{_CHARACTERS}])?$"


def _numbered(text: str) -> str:
    if not re.fullmatch(_FILE_NUMBER, text):
        raise PydanticCustomError(
            "file_number", "A file number has 1 to 80 letters, digits, signs and inner spaces, nothing else"
        )
    return text


def _dated(value: object) -> object:
    # Else pydantic would also take seconds since 1970, as numbers and as text.
    if value is not None and not (isinstance(value, str) and re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", value)):
        raise PydanticCustomError("birth_date", "A birth date is written as YYYY-MM-DD")
    return value


FileNumber = Annotated[str, AfterValidator(_numbered), COMPOSED, Field(json_schema_extra={"pattern": _FILE_NUMBER})]
"""The number of a case file at its keeping authority; each office has its own form."""

BirthDate = Annotated[date | None, BeforeValidator(_dated)]
"""The date of birth, None where it is not fully known."""


class StockLine(BaseModel):
    """A case file as the stock list, or whoever opens it, describes it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    keeping_authority: KeepingAuthority
    file_number: FileNumber
    family_name: FamilyName
    given_names: GivenNames = ""
    birth_date: BirthDate = None
    medium: Medium = "paper"

    @property
    def key(self) -> FileKey:
        return self.keeping_authority, self.file_number

    @classmethod
    def parse(cls, line: bytes) -> Self:
        """Read one line of JSON. Raises InvalidStockLineError with the rules that the line breaks, the first hundred."""
        if len(line) > LINE_LIMIT:
            raise InvalidStockLineError(f"The line is longer than {LINE_LIMIT} bytes.")
        try:
            return cls.model_validate_json(line.removeprefix(codecs.BOM_UTF8))
        except ValidationError as exc:
            # Neither input nor context: a report must not repeat what may be somebody's name.
            errors = exc.errors(include_url=False, include_input=False, include_context=False)
            raise InvalidStockLineError(
                "The line does not describe a case file.", errors=[_named(error) for error in errors[:MAX_ERRORS]]
            ) from None


def _named(error: ErrorDetails) -> dict[str, str]:
    """Return the broken rule and its place, a JSON Pointer as a URI fragment (RFC 6901, section 6)."""
    steps = (quote(str(step).replace("~", "~0").replace("/", "~1"), safe="~") for step in error["loc"])
    return {"pointer": "#" + "".join(f"/{step}" for step in steps), "rule": error["type"], "detail": error["msg"]}
