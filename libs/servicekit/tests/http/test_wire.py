"""Wire models take JSON for what it is."""

from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

import pytest
from pydantic import Field, ValidationError

from aktenfluss.servicekit.http import JsonModel, Page
from aktenfluss.servicekit.http.strictness import parts, tighten


class Medium(StrEnum):
    PAPER = "paper"


class Label(JsonModel):
    text: Annotated[str, Field(max_length=5)]


class Parcel(JsonModel):
    id: UUID | None = None
    count: Annotated[int, Field(ge=0)] = 0
    weight: float | None = None
    fragile: bool = False
    sent_on: date | None = None
    sent_at: datetime | None = None
    within: timedelta | None = None
    medium: Medium = Medium.PAPER
    sizes: list[int] = Field(default_factory=list)
    counts: dict[str, int] = Field(default_factory=dict)
    pair: tuple[int, bool] = (1, True)
    labels: tuple[Label, ...] = ()
    like: dict[str, str] = Field(default={"type": "int"})


GOOD: dict[str, Any] = {
    "id": "0190b0a0-0000-7000-8000-000000000001",
    "count": 3,
    "weight": 2,
    "fragile": True,
    "sent_on": "2026-03-02",
    "sent_at": "2026-03-02T08:00:00Z",
    "within": "P1D",
    "medium": "paper",
    "sizes": [1, 2],
    "counts": {"a": 1},
    "pair": [2, False],
    "labels": [{"text": "x"}],
}


def test_values_of_their_type_are_taken() -> None:
    parcel = Parcel.model_validate(GOOD)
    assert (parcel.weight, parcel.sent_on, parcel.within) == (2.0, date(2026, 3, 2), timedelta(days=1))
    assert Parcel.model_validate_json(parcel.model_dump_json()) == parcel
    assert Parcel().like == {"type": "int"}


def test_python_values_are_taken() -> None:
    assert Parcel(id=UUID(int=7), sent_at=datetime(2026, 3, 2, tzinfo=UTC), sent_on=date(2026, 3, 2)).count == 0


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("count", True),
        ("count", "7"),
        ("count", 7.5),
        ("count", -1),
        ("weight", "2"),
        ("weight", True),
        ("weight", float("nan")),
        ("fragile", "yes"),
        ("fragile", 1),
        ("sent_on", 0),
        ("sent_on", "1700000000"),
        ("sent_on", "-17.5"),
        ("sent_at", 1700000000),
        ("sent_at", True),
        ("within", 60),
        ("medium", 1),
        ("sizes", [1, True]),
        ("counts", {"a": "1"}),
        ("pair", [2, 0]),
        ("labels", [{"text": 1}]),
        ("labels", [{"text": "longer"}]),
        ("unknown", 1),
        ("like", {"a": "\0"}),
    ],
)
def test_values_of_another_type_are_refused(name: str, value: object) -> None:
    with pytest.raises(ValidationError) as refusal:
        Parcel.model_validate(GOOD | {name: value})
    assert {error["loc"][0] for error in refusal.value.errors()} == {name}


def test_description_of_a_model_stays_plain() -> None:
    properties = Parcel.model_json_schema()["properties"]
    assert properties["count"] == {"default": 0, "minimum": 0, "title": "Count", "type": "integer"}
    assert properties["sent_on"]["anyOf"] == [{"format": "date", "type": "string"}, {"type": "null"}]


def test_last_page_has_no_next() -> None:
    assert Page[Label](items=[Label(text="x")]).model_dump() == {"items": [{"text": "x"}], "next": None}
    with pytest.raises(ValidationError):
        Page[Label].model_validate({"items": [{"text": "x\0"}]})


def test_model_of_query_parameters_takes_text() -> None:
    class Wanted(JsonModel, strict=False):
        limit: int = 50
        since: date | None = None

    assert Wanted.model_validate({"limit": "3", "since": "2026-03-02"}).limit == 3
    with pytest.raises(ValidationError):
        Wanted.model_validate({"limit": "3", "unknown": "1"})


def test_many_apps_may_share_a_model() -> None:
    class Dated(JsonModel):
        on: date

    for _ in range(200):
        tighten(Dated.__pydantic_core_schema__)
    assert Dated.model_validate_json('{"on": "2026-03-02"}').on == date(2026, 3, 2)
    assert sum(1 for _ in parts(Dated.__pydantic_core_schema__)) < 20
