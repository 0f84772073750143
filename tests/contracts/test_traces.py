"""What one request causes is one trace: over HTTP, through the outbox, the bus and jobs, to the last consumer."""

import httpx
import pytest

from aktenfluss.kernel import Role
from aktenfluss.servicekit.process.otlp_tracing import OtlpTracing
from aktenfluss.testkit import House, TraceCollector

from .everybody import Everybody
from .main_job import do_main_job

GIVEN = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
FIRST = "POST /v1/deliveries/{delivery}:complete"
FILED = {
    ("scans", FIRST),
    ("scans", "job check_delivery"),
    ("documents", "POST /v1/documents"),
    ("scans", "publish de.aktenfluss.scans.item-accepted.v1"),
    ("cases", "apply de.aktenfluss.scans.item-accepted.v1"),
    ("cases", "publish de.aktenfluss.cases.entries-filed.v1"),
    ("scans", "apply de.aktenfluss.cases.entries-filed.v1"),
    ("audit", "apply de.aktenfluss.cases.entries-filed.v1"),
}
"""The way of a delivery, from the push to the entries in a case file and the audit log."""


@pytest.fixture
async def traced(house: House, collector: TraceCollector):
    """Give everybody, in a house that hands its traces to the collector."""
    house.tracing = OtlpTracing(collector.endpoint, 1.0)
    yield await Everybody.of(house)
    house.tracing.close()


async def test_a_delivery_is_one_trace_until_it_is_filed(traced, collector, tmp_path):
    await do_main_job(traced, tmp_path)
    traced.house.tracing.close()

    steps = collector.wait_for(lambda steps: any(step.name == FIRST for step in steps))
    assert {(step.service, step.name) for step in steps} >= FILED
    ids = {step.id for step in steps}
    assert [step.name for step in steps if step.parent not in ids] == [FIRST]


async def test_a_trace_of_the_caller_goes_on(traced, collector):
    answer = await traced.send("GET", "/v1/case-files", Role.CLERK, headers={"traceparent": GIVEN})
    traced.house.tracing.close()

    [step] = collector.wait_for(lambda steps: steps[0].trace == GIVEN.split("-")[1])
    assert step.parent == GIVEN.split("-")[2]
    assert step.attributes == {
        "aktenfluss.service": "cases",
        "http.request.method": "GET",
        "http.route": "/v1/case-files",
        "http.response.status_code": "200",
        "aktenfluss.ms": step.attributes["aktenfluss.ms"],
        "aktenfluss.request_id": answer.headers["x-request-id"],
        "aktenfluss.tenant": "offenbach",
    }


@pytest.mark.parametrize("given", ["Frau Kanari", GIVEN[:-1], GIVEN.replace("b7ad6b7169203331", "0" * 16)])
async def test_what_is_no_trace_begins_one(traced, collector, given):
    await traced.send("GET", "/v1/case-files", Role.CLERK, headers={"traceparent": given, "tracestate": "kanari=1"})
    traced.house.tracing.close()

    [step] = collector.wait_for(bool)
    assert step.parent == ""
    assert "anari" not in step.text


async def test_a_caller_who_does_not_record_is_not_recorded(traced, collector):
    await traced.send("GET", "/v1/case-files", Role.CLERK, headers={"traceparent": GIVEN[:-2] + "00"})
    await traced.send("GET", "/v1/scan-orders", Role.CLERK)
    traced.house.tracing.close()

    assert [step.name for step in collector.wait_for(bool)] == ["GET /v1/scan-orders"]
    assert len(collector.steps) == 1


async def test_nobody_waits_for_a_collector_that_is_away(house):
    house.tracing = OtlpTracing("http://127.0.0.1:9/v1/traces", 1.0)
    everybody = await Everybody.of(house)
    assert (await everybody.send("GET", "/v1/case-files", Role.CLERK)).status_code == httpx.codes.OK
    house.tracing.close()
