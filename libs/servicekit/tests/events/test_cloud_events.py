"""Events are CloudEvents in binary mode, as docs/api/asyncapi.json describes them, and come back as they were."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aktenfluss.kernel import Event
from aktenfluss.servicekit.events.cloud_events import NotAnEventError, event_of, headers_of, value_of
from aktenfluss.testkit.event_bus_contract import event

ASYNCAPI = Path(__file__).parents[4] / "docs" / "api" / "asyncapi.json"
TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)
EVENTS = st.builds(
    Event,
    id=st.uuids(),
    type=st.from_regex(r"de\.aktenfluss\.[a-z]+\.[a-z-]+\.v[0-9]", fullmatch=True),
    tenant_id=TEXT,
    key=TEXT.filter(lambda key: len(key.encode()) <= 1000),
    subject=TEXT,
    aggregate_version=st.integers(0, 2**31 - 1),
    actor=TEXT,
    correlation_id=TEXT,
    occurred_at=st.datetimes(timezones=st.just(UTC)),
    data=st.dictionaries(TEXT, JSON, max_size=4),
    traceparent=st.just("") | st.from_regex(r"00-1[0-9a-f]{31}-[0-9a-f]{15}1-0[01]", fullmatch=True),
)
NEEDED = dict(headers_of(event("a"))).keys() - {"content-type", "ce_source", "ce_traceparent"}
"""Without these an event is whole: its data says that it is JSON, its type who published it, and few are traced."""


@given(sent=EVENTS)
def test_an_event_comes_back_as_it_was(sent):
    assert event_of(headers_of(sent), value_of(sent)) == sent


def test_the_headers_are_those_of_the_published_description():
    schema = json.loads(ASYNCAPI.read_text())["components"]["schemas"]["CloudEvent"]
    headers = dict(headers_of(event("a")))
    assert headers.pop("content-type") == b"application/json"
    assert sorted(headers) == sorted(schema["properties"])
    assert sorted(dict(headers_of(replace(event("a"), traceparent=""))).keys() - {"content-type"}) == schema["required"]
    assert headers["ce_specversion"].decode() == schema["properties"]["ce_specversion"]["const"]
    assert headers["ce_source"] == b"cases"


def test_a_time_elsewhere_is_told_in_utc():
    summer = datetime(2026, 7, 1, 9, 30, tzinfo=timezone(timedelta(hours=2)))
    headers = dict(headers_of(replace(event("a"), occurred_at=summer)))
    assert headers["ce_time"] == b"2026-07-01T07:30:00+00:00"


@pytest.mark.parametrize("name", sorted(NEEDED))
def test_a_record_without_an_attribute_is_no_event(name):
    sent = event("a")
    with pytest.raises(NotAnEventError):
        event_of([header for header in headers_of(sent) if header[0] != name], value_of(sent))


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("ce_specversion", b"2.0"),
        ("ce_id", b"7"),
        ("ce_type", b"com.example.thing"),
        ("ce_time", b"yesterday"),
        ("ce_time", b"2026-03-02T08:00:00"),
        ("ce_aggregateversion", b"many"),
        ("ce_time", b"0001-01-01T00:00:00+14:00"),
        ("ce_time", b"9999-12-31T23:59:59-00:01"),
        ("ce_aggregateversion", b"2147483648"),
        ("ce_aggregateversion", b"-1"),
        ("ce_tenant", b"\xff"),
        ("ce_tenant", b"offenbach\0"),
        ("ce_partitionkey", b"\0"),
        ("ce_partitionkey", b"k" * 1001),
        ("ce_subject", b"\0"),
        ("ce_subject", b"\xed\xa0\x80"),
        ("ce_actor", b"\0"),
        ("ce_correlationid", b"\0"),
    ],
)
def test_a_record_with_a_foreign_attribute_is_no_event(name, content):
    sent = event("a")
    with pytest.raises(NotAnEventError):
        event_of([*headers_of(sent), (name, content)], value_of(sent))


@pytest.mark.parametrize("content", [b"", b"Mustermann", b"00-0-0-00", b"00-" + b"0" * 32 + b"-" + b"1" * 16 + b"-01"])
def test_what_is_no_traceparent_is_left_out(content):
    sent = event("a")
    assert event_of([*headers_of(sent), ("ce_traceparent", content)], value_of(sent)) == replace(sent, traceparent="")


@pytest.mark.parametrize(
    "value",
    [
        None,
        b"",
        b"\x00\x01",
        b"[]",
        b"7",
        b'{"half":',
        rb'{"name": "\u0000"}',
        rb'{"\\\\\u0000": 1}',
        rb'{"name": "\ud800"}',
        b'{"name": "\xed\xa0\x80"}',
        b'{"deep": ' + b"[" * 300 + b"]" * 300 + b"}",
    ],
)
def test_a_record_without_an_object_that_could_be_stored_is_no_event(value):
    with pytest.raises(NotAnEventError):
        event_of(headers_of(event("a")), value)


def test_a_backslash_makes_no_nul():
    assert event_of(headers_of(event("a")), rb'{"path": "C:\\u0000"}').data == {"path": r"C:\u0000"}


@given(
    headers=st.lists(st.tuples(st.sampled_from([*dict(headers_of(event("a"))), "x"]), st.binary())), value=st.binary()
)
def test_whatever_is_in_a_record_is_an_event_or_refused(headers, value):
    try:
        event_of(headers, value)
    except NotAnEventError:
        return
