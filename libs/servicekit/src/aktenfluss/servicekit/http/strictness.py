"""Makes JSON mean what it says: true is no number, "7" is no number, 7 is no date."""

from collections.abc import Iterator
from typing import Any

from pydantic_core import CoreSchema, PydanticCustomError, core_schema

NUMBERS = frozenset({"int", "float", "bool"})
TIMES = frozenset({"date", "datetime", "time", "timedelta"})
INNER = ("schema", "fields", "items_schema", "keys_schema", "values_schema", "choices", "definitions", "steps")
"""Where schemas hold other schemas; a default value may look like one, but is none."""


def tighten(schema: CoreSchema) -> CoreSchema:
    """Return `schema` without pydantic's conversions between the types of JSON; texts still become ids and dates.

    Pydantic's own strict mode would refuse those too, for the framework hands over what it has parsed already.
    """
    for part in list(parts(schema)):
        kind = part.get("type")
        if kind in NUMBERS:
            part["strict"] = True
        elif kind in TIMES:
            original = dict(part)
            part.clear()
            part.update(core_schema.no_info_before_validator_function(written_out, original))
    return schema


def parts(value: Any) -> Iterator[dict[str, Any]]:
    """Yield every schema in `value`, itself included; what is tightened already is left out.

    Schemas are shared between the apps of a process: wrapped at every building, they would grow without end.
    """
    if isinstance(value, dict):
        if is_tightened(value):
            return
        if isinstance(value.get("type"), str):
            yield value
            inner = [value[name] for name in INNER if name in value]
        else:
            inner = list(value.values())
        for part in inner:
            yield from parts(part)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from parts(part)


def is_tightened(schema: dict[str, Any]) -> bool:
    """Tell whether `tighten` made the schema."""
    return schema.get("type") == "function-before" and schema["function"].get("function") is written_out


def written_out(value: Any) -> Any:
    """Refuse numbers, also in text, where a date or a time is to be written out (RFC 3339)."""
    if isinstance(value, int | float) or (isinstance(value, str) and value.lstrip("+-").replace(".", "").isdigit()):
        raise PydanticCustomError("written_out", "A date or time must be written out as in RFC 3339")
    return value
