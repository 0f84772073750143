"""The generated documentation says what the code says."""

from typing import Annotated

import pytest
from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings
from scripts.reference.__main__ import as_json, check, write
from scripts.reference.asyncapi_document import ATTRIBUTES, asyncapi
from scripts.reference.decision_index import decision_index
from scripts.reference.problem_pages import page
from scripts.reference.settings_table import described, own_fields, plain

from aktenfluss.contracts.scans import ItemAccepted
from aktenfluss.kernel import Kind, Problem

DECISION = (
    "# 1. Paper\n\n## Context\n\n## Decision\n\n## Consequences\n\n## A change violates this decision when it …\n"
)


class BoxSettings(BaseSettings):
    """What may be set for boxes."""

    box_size: Annotated[int, Field(description="How much\n   fits | in.")] = 3
    box_secret: Annotated[SecretStr, Field(description="Opens it.")] = SecretStr("open")
    box_kinds: Annotated[frozenset[str], Field(description="Which there are.")] = frozenset({"b", "a"})
    box_lid: Annotated[int | None, Field(description="Its lid.")] = None
    box_place: Annotated[str, Field(description="Where it is.")]


class LidSettings(BoxSettings):
    """What may be set for lids."""

    lid_size: int = 1


class BoxSealedError(Problem):
    """The box is sealed.

    Nobody can
    open it.

    Way out: open another.
    """

    slug = "box-sealed"
    title = "Box sealed"
    kind = Kind.CONFLICT


def test_a_setting_is_shown_as_one_writes_it_in_the_environment():
    assert {name: plain(field) for name, field in own_fields(BoxSettings)} == {
        "BOX_SIZE": "3",
        "BOX_SECRET": "open",
        "BOX_KINDS": '["a", "b"]',
        "BOX_LID": "",
        "BOX_PLACE": "",
    }


def test_a_setting_is_told_where_it_is_added():
    assert [name for name, _ in own_fields(LidSettings)] == ["LID_SIZE"]


def test_a_description_fits_into_a_table():
    assert described(BoxSettings.model_fields["box_size"]) == "How much fits \\| in."


def test_a_setting_without_a_description_ends_the_generation():
    with pytest.raises(SystemExit, match="no description"):
        described(LidSettings.model_fields["lid_size"])


def test_the_page_of_a_problem_is_its_docstring():
    title, _, facts, *paragraphs = page(BoxSealedError).split("\n\n")

    assert title == "# Box sealed"
    assert "`/problems/box-sealed` · status 409" in facts
    assert paragraphs == ["The box is sealed.", "Nobody can open it.", "Way out: open another.\n"]


def test_every_service_that_publishes_has_a_channel():
    document = asyncapi()

    assert {name: channel["address"] for name, channel in document["channels"].items()} == {
        name: f"aktenfluss.{name}.v1" for name in ("audit", "cases", "documents", "scans")
    }
    assert [operation["action"] for operation in document["operations"].values()] == ["send"] * 4


def test_a_message_stands_alone():
    message = asyncapi()["components"]["messages"]["ItemAccepted"]
    schema = message["payload"]["schema"]

    assert message["name"] == ItemAccepted.type
    assert "$ref" not in str(schema)
    assert schema["properties"]["documents"]["items"]["properties"]["page_count"] == {
        "title": "Page Count",
        "type": "integer",
    }


def test_the_headers_are_those_of_cloudevents():
    headers = asyncapi()["components"]["schemas"]["CloudEvent"]

    assert {"ce_specversion", "ce_id", "ce_source", "ce_type"} <= set(headers["required"])
    assert all(name.removeprefix("ce_").isalnum() for name in ATTRIBUTES)


def test_decisions_are_listed_by_number(tmp_path):
    (tmp_path / "0001-paper.md").write_text(DECISION)

    assert decision_index(tmp_path).endswith("\n- [0001 Paper](0001-paper.md)\n")


def test_a_decision_that_does_not_say_what_violates_it_ends_the_generation(tmp_path):
    (tmp_path / "0001-paper.md").write_text(DECISION.partition("## A change")[0])

    with pytest.raises(SystemExit, match=r"0001-paper\.md"):
        decision_index(tmp_path)


@pytest.fixture
def expected(tmp_path):
    """Give what two files should say, one of them in a folder where everything is generated."""
    return {tmp_path / "settings.md": "settings", tmp_path / "problems" / "box-sealed.md": "sealed"}


def test_what_was_written_is_up_to_date(expected, tmp_path):
    write(expected, [tmp_path / "problems"])

    assert {path.read_text() for path in expected} == {"settings", "sealed"}
    assert check(expected, [tmp_path / "problems"]) == 0


def test_a_file_that_was_edited_by_hand_is_named(expected, tmp_path, capsys):
    write(expected, [tmp_path / "problems"])
    (tmp_path / "settings.md").write_text("edited")

    assert check(expected, [tmp_path / "problems"]) == 1
    assert "settings.md is not that of the code: run `make docs`" in capsys.readouterr().out


def test_a_file_that_nothing_generates_any_more_is_named_and_removed(expected, tmp_path, capsys):
    stray = tmp_path / "problems" / "box-lost.md"
    write(expected, [stray.parent])
    stray.write_text("lost")

    assert check(expected, [stray.parent]) == 1
    write(expected, [stray.parent])
    assert not stray.exists()
    assert "2 generated files, 0 written, 1 removed" in capsys.readouterr().out


def test_documents_are_written_so_that_people_can_read_them():
    assert as_json({"title": "Nguyễn"}) == '{\n  "title": "Nguyễn"\n}\n'
