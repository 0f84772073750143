"""Cursors come back whole or not at all, and tell nobody what they hold."""

from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from aktenfluss.servicekit.http import Cursors, InvalidCursorError

CURSORS = Cursors([b"s" * 32])
scalars = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(st.characters(codec="utf-8"), max_size=20)
positions = st.dictionaries(st.text(st.characters(codec="utf-8"), max_size=5), scalars | st.lists(scalars, max_size=4))


@given(positions)
def test_position_comes_back(position: dict[str, Any]) -> None:
    assert CURSORS.decode(CURSORS.encode(position)) == position


@given(positions, st.data())
def test_changed_cursor_is_refused(position: dict[str, Any], data: st.DataObject) -> None:
    cursor = CURSORS.encode(position)
    at = data.draw(st.integers(0, len(cursor)))
    end = data.draw(st.integers(at, len(cursor)))
    changed = cursor[:at] + data.draw(st.text(max_size=3)) + cursor[end:]
    assume(changed != cursor)
    with pytest.raises(InvalidCursorError):
        CURSORS.decode(changed)


@given(st.text() | st.binary(max_size=60).map(lambda content: content.hex()))
def test_invented_cursor_is_refused(text: str) -> None:
    with pytest.raises(InvalidCursorError):
        CURSORS.decode(text)


def test_cursor_of_another_installation_is_refused() -> None:
    with pytest.raises(InvalidCursorError):
        CURSORS.decode(Cursors([b"t" * 32]).encode({"k": 1}))


def test_cursor_is_opened_while_its_secret_is_given_at_any_place() -> None:
    before, after = Cursors([b"s" * 32, b"n" * 32]), Cursors([b"n" * 32, b"s" * 32])
    for one, other in ((before, after), (after, before), (CURSORS, after)):
        assert other.decode(one.encode({"k": 1})) == {"k": 1}
    with pytest.raises(InvalidCursorError):
        Cursors([b"n" * 32]).decode(before.encode({"k": 1}))


def test_cursor_does_not_show_what_it_holds() -> None:
    plain = CURSORS.encode({"k": ["MUSTERMANN", "x" * 40]})
    assert "MUSTERMANN" not in plain
    assert "TVVTVEVSTUFOT" not in plain
    assert plain == CURSORS.encode({"k": ["MUSTERMANN", "x" * 40]})


def test_endless_cursor_is_refused() -> None:
    with pytest.raises(InvalidCursorError):
        CURSORS.decode("A" * 3000)


def test_short_secret_is_refused() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        Cursors([b"s" * 32, b"short"])
