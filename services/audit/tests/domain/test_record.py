"""A record's hash is over all that it says, and over nothing twice."""

from dataclasses import fields, replace
from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aktenfluss.audit.domain.evidence import LinkedRecord
from aktenfluss.audit.domain.finding import Rule
from aktenfluss.audit.domain.record import Head, canonical, instant, microseconds
from aktenfluss.kernel import Event

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


def event(key="file-1", **changes):
    plain = Event(
        id=UUID(int=7),
        type="de.aktenfluss.cases.case-file-read.v1",
        tenant_id="offenbach",
        key=key,
        subject=key,
        aggregate_version=1,
        actor="user-7",
        correlation_id="request-1",
        occurred_at=datetime(2026, 3, 2, 8, 0, 0, 123456, tzinfo=UTC),
        data={"b": 1, "a": "ä"},
    )
    return replace(plain, **changes)


OTHER = {
    "tenant_id": "hanau",
    "event_id": UUID(int=8),
    "occurred_us": None,
    "previous_hash": b"\x01" * 32,
}


@pytest.mark.parametrize("name", [f.name for f in fields(Head().append(event())) if f.name != "hash"])
def test_every_field_is_under_the_hash(name):
    record = Head().append(event())
    value = getattr(record, name)
    other = OTHER[name] if name in OTHER else value * 2
    assert replace(record, **{name: other}).computed_hash() != record.hash


@given(st.text(), st.text(), st.text())
def test_text_cannot_move_from_one_field_to_the_next(actor, subject, moved):
    record = replace(Head().append(event()), correlation_id="", actor=actor, subject=moved + subject)
    shifted = replace(record, correlation_id=moved, subject=subject)
    assert (shifted.computed_hash() == record.computed_hash()) == (moved == "")


@given(json_values)
def test_canonical_json_does_not_depend_on_the_order_of_names(value):
    turned = dict(reversed(value.items())) if isinstance(value, dict) else value
    assert canonical(value) == canonical(turned)
    assert canonical(value).isascii()


@given(st.datetimes(min_value=datetime(1, 1, 2), max_value=datetime(9999, 12, 30), timezones=st.just(UTC)))  # noqa: DTZ001 - the strategy adds the zone
def test_instants_are_exact(moment):
    assert instant(microseconds(moment)) == moment


def test_a_chain_goes_on_from_its_head():
    first = Head().append(event())
    second = Head(first.position, first.chain_seq, first.hash).append(event(id=UUID(int=8)))
    assert (second.position, second.chain_seq, second.previous_hash) == (2, 2, first.hash)


@pytest.mark.parametrize(
    ("changes", "predecessor", "rule"),
    [
        ({}, (None, None), None),
        ({"position": 2}, (None, None), Rule.RECORD_MISSING),
        ({"position": 0}, (None, None), Rule.RECORD_INSERTED),
        ({"actor": "nobody"}, (None, None), Rule.RECORD_CHANGED),
        ({}, (0, b"\x01" * 32), None),  # what somebody put before the first is bad itself, not the first
    ],
)
def test_rules_of_a_first_record(changes, predecessor, rule):
    record = replace(Head().append(event()), **changes)
    assert LinkedRecord(record, *predecessor).broken_rule(1, None) == rule


@pytest.mark.parametrize(
    ("predecessor", "rule"),
    [
        ((1, b"\x05" * 32), None),
        ((1, b"\x06" * 32), Rule.CHAIN_BROKEN),
        ((3, b"\x05" * 32), Rule.CHAIN_BROKEN),
        ((None, None), Rule.CHAIN_BROKEN),
    ],
)
def test_rules_of_a_later_record(predecessor, rule):
    record = Head(1, 1, b"\x05" * 32).append(event())
    assert LinkedRecord(record, *predecessor).broken_rule(2, record.hash) == rule


def test_a_first_record_that_continues_something_is_broken():
    record = Head(0, 0, b"\x05" * 32).append(event())
    assert LinkedRecord(record, None, None).broken_rule(1, None) is Rule.CHAIN_BROKEN


def test_a_sound_record_that_was_not_sealed_here_is_a_replacement():
    record = Head().append(event())
    assert LinkedRecord(record, None, None).broken_rule(1, b"\x09" * 32) is Rule.RECORD_REPLACED
