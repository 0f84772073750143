"""Identifiers are UUIDs of version 7."""

import time
from uuid import RFC_4122

from aktenfluss.kernel import new_id


def test_an_id_is_a_uuid_of_version_7_and_tells_its_millisecond():
    before = time.time_ns() // 1_000_000
    made = new_id()
    after = time.time_ns() // 1_000_000

    assert made.version == 7
    assert made.variant == RFC_4122
    assert before <= made.int >> 80 <= after


def test_ids_do_not_repeat():
    assert len({new_id() for _ in range(10_000)}) == 10_000


def test_ids_of_later_milliseconds_sort_behind():
    first = new_id()
    while time.time_ns() // 1_000_000 <= first.int >> 80:
        pass

    assert str(new_id()) > str(first)
