"""A step says what a line of the log may say, and goes on from where its trace came."""

import pytest

from aktenfluss.servicekit import ServiceUnavailableError
from aktenfluss.servicekit.process.otlp_tracing import OtlpTracing
from aktenfluss.servicekit.tracing import Kind, current_traceparent, trace_header, traceparent_in, traceparent_of

GIVEN = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@pytest.fixture
def open_tracing(collector):
    opened = []

    def open_(ratio: float = 1.0) -> OtlpTracing:
        opened.append(OtlpTracing(collector.endpoint, ratio))
        return opened[-1]

    yield open_
    for tracing in opened:
        tracing.close()


def test_a_step_has_the_fields_of_the_log_and_no_other(open_tracing, collector):
    tracing = open_tracing()
    with tracing.of("cases").span("request", Kind.SERVER, "") as step:
        fields = {"route": "/v1/x", "status": 200, "name": "Ozturk", "tenant": "offenbach", "key": "Frau Öztürk"}
        step.tell("GET /v1/x", fields)
    tracing.close()
    [found] = collector.steps
    assert (found.service, found.name, found.parent, found.failed) == ("cases", "GET /v1/x", "", False)
    assert found.attributes == {
        "http.route": "/v1/x",
        "http.response.status_code": "200",
        "aktenfluss.tenant": "offenbach",
    }


@pytest.mark.parametrize(
    ("error", "told"),
    [(ServiceUnavailableError("Frau Öztürk"), "service-unavailable"), (KeyError("Frau Öztürk"), "KeyError")],
)
def test_an_error_is_told_without_its_text(open_tracing, collector, error, told):
    tracing = open_tracing()
    with pytest.raises(type(error)), tracing.of("cases").span("job note", Kind.CONSUMER, ""):
        raise error
    tracing.close()
    [found] = collector.steps
    assert (found.failed, found.attributes) == (True, {"error.type": told})
    assert "ztürk" not in found.text


def test_an_answer_that_is_the_products_fault_is_a_failure(open_tracing, collector):
    tracing = open_tracing()
    with tracing.of("cases").span("request", Kind.SERVER, "") as step:
        step.tell("GET /v1/x", {"status": 503})
    tracing.close()
    assert [found.failed for found in collector.steps] == [True]


def test_steps_follow_from_each_other(open_tracing, collector):
    tracing = open_tracing()
    with tracing.of("cases").span("outer", Kind.SERVER, GIVEN):
        carried = trace_header()["traceparent"]
        with tracing.of("scans").span("inner", Kind.CONSUMER, carried):
            assert current_traceparent() != carried
        assert current_traceparent() == carried
    assert trace_header() == {}
    tracing.close()
    outer, inner = sorted(collector.steps, key=lambda step: step.service)
    assert (outer.trace, outer.parent) == tuple(GIVEN.split("-")[1:3])
    assert (inner.trace, inner.parent) == (outer.trace, outer.id)


def test_what_is_not_sampled_travels_all_the_same(open_tracing, collector):
    tracing = open_tracing(0.0)
    with tracing.of("cases").span("request", Kind.SERVER, ""):
        carried = current_traceparent()
        assert carried.endswith("-00")
        with tracing.of("scans").span("apply", Kind.CONSUMER, carried):
            assert current_traceparent().split("-")[1] == carried.split("-")[1]
    tracing.close()
    assert collector.steps == []


@pytest.mark.parametrize("value", [None, b"", b"Frau", GIVEN.upper().encode(), b"01" + GIVEN[2:].encode()])
def test_what_is_no_traceparent_is_nothing(value):
    assert traceparent_of(value) == ""


def test_a_request_carries_it_in_its_header():
    headers = [(b"host", b"cases"), (b"traceparent", GIVEN.encode())]
    assert traceparent_in(headers) == GIVEN
    assert traceparent_in(headers[:1]) == ""
