"""What wire models have in common: no unknown fields, no text that cannot be stored."""

import re
from collections.abc import Iterator
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, GetCoreSchemaHandler, ValidationError, model_validator
from pydantic_core import CoreSchema, InitErrorDetails, PydanticCustomError

from .strictness import tighten

UNSTORABLE_CHARACTER = re.compile("[\0\ud800-\udfff]")

UNSTORABLE = PydanticCustomError("unstorable_text", "Text must not hold U+0000 or half of a surrogate pair")
"""PostgreSQL stores no NUL, UTF-8 no lone surrogate: unseen they would end as an error 500."""

CONTAINERS = frozenset({list, dict, tuple, set, frozenset})

type Location = tuple[int | str, ...]


class JsonModel(BaseModel):
    """Base of everything that is sent or received as JSON.

    A model of query parameters says `class Wanted(JsonModel, strict=False)`: there every value comes as text.
    """

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: type[BaseModel], handler: GetCoreSchemaHandler) -> CoreSchema:
        schema = handler(source)
        return schema if cls.model_config.get("strict") is False else tighten(schema)

    @model_validator(mode="after")
    def _refuse_unstorable_text(self) -> Self:
        # By hand, once per model: a validator per field costs a call into Python per value of every list.
        values = self.__dict__
        if any(may_be_unstorable(value) for value in values.values()):
            places = list(unstorable_places(values, ()))
            if places:
                raise unstorable(places)
        return self


class Page[T](JsonModel):
    """One page of a list; `next` is the cursor of the following one, none after the last."""

    items: list[T]
    next: str | None = None


def is_storable(text: str) -> bool:
    """Tell whether `text` can be stored and sent: no NUL, no lone surrogate."""
    return UNSTORABLE_CHARACTER.search(text) is None


def may_be_unstorable(value: Any) -> bool:
    """Tell, cheaply, whether `value` needs a closer look."""
    kind = value.__class__
    return not is_storable(value) if kind is str else kind in CONTAINERS


def unstorable_places(value: Any, place: Location) -> Iterator[Location]:
    """Yield where text that cannot be stored sits in `value`; models inside have looked after themselves."""
    if isinstance(value, str):
        if not is_storable(value):
            yield place
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from unstorable_places(key, place)
            yield from unstorable_places(item, (*place, str(key)))
    elif isinstance(value, list | tuple | set | frozenset):
        for index, item in enumerate(value):
            yield from unstorable_places(item, (*place, index))


def unstorable(places: list[Location]) -> ValidationError:
    """Return the error that names `places`, so that it reaches the caller as a JSON Pointer each."""
    return ValidationError.from_exception_data(
        "text", [InitErrorDetails(type=UNSTORABLE, loc=place, input=None) for place in places]
    )
