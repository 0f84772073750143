"""The import as a stream: report while reading, slow clients, lost clients, a lost database."""

import asyncio
import json

import pytest

from aktenfluss.cases.domain.stock_list import BATCH_SIZE
from aktenfluss.testkit import PATIENCE_SECONDS


@pytest.fixture
def batch(stock_line):
    """Make the text of a whole batch: `batch(0)`, `batch(1)`."""

    def make(number):
        lines = (stock_line(file_number=f"{number}-{line}") for line in range(BATCH_SIZE))
        return b"".join(json.dumps(line).encode() + b"\n" for line in lines)

    return make


@pytest.fixture
def exchange(cases):
    """Import over bare ASGI with a `receive` and a `send` of the test's own."""
    headers = [(name.lower().encode(), value.encode()) for name, value in cases.as_("vendor").items()]
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/v1/case-files:import",
        "raw_path": b"/v1/case-files:import",
        "query_string": b"",
        "headers": headers,
    }

    async def run(receive, send):
        async with asyncio.timeout(PATIENCE_SECONDS):
            await cases.service.app(dict(scope), receive, send)

    return run


def part(body, *, more=True):
    return {"type": "http.request", "body": body, "more_body": more}


def summary_of(sent):
    return json.loads(b"".join(message.get("body", b"") for message in sent).splitlines()[-1])


async def test_the_report_begins_while_the_list_is_still_coming(exchange, batch):
    sent, first_reported = [], asyncio.Event()
    parts = iter([batch(0), batch(1)])

    async def receive():
        if body := next(parts, None):
            return part(body)
        await first_reported.wait()
        return part(b"", more=False)

    async def send(message):
        sent.append(message)
        if message.get("body"):
            first_reported.set()

    await exchange(receive, send)
    assert summary_of(sent)["summary"]["created"] == 2 * BATCH_SIZE


async def test_a_client_that_reads_only_when_it_has_sent_everything_is_served(exchange, batch):
    sent, all_taken = [], asyncio.Event()
    parts = iter([part(batch(0)), part(batch(1)), part(batch(2), more=False)])

    async def receive():
        message = next(parts)
        if not message["more_body"]:
            all_taken.set()
        return message

    async def send(message):
        await all_taken.wait()
        sent.append(message)

    await exchange(receive, send)
    assert summary_of(sent)["summary"]["created"] == 3 * BATCH_SIZE


async def test_a_client_that_goes_away_leaves_whole_batches(exchange, batch, clerk):
    parts = iter([part(batch(0)), part(batch(1) + batch(2)[:5_000]), {"type": "http.disconnect"}])
    sent = []

    async def receive():
        return next(parts)

    async def send(message):
        sent.append(message)

    await exchange(receive, send)
    assert "summary" not in summary_of(sent)
    prefixes = {
        prefix: len((await clerk.get("/v1/case-files", params={"file_number_prefix": prefix})).json()["items"])
        for prefix in ("0-", "1-", "2-")
    }
    assert prefixes == {"0-": 50, "1-": 50, "2-": 0}


async def test_a_lost_database_ends_the_report_with_its_problem(cases, manager, batch):
    async def chunks():
        yield batch(0)
        await cases.database.close()
        yield batch(1)

    response = await manager.post("/v1/case-files:import", content=chunks())
    *reported, last = [json.loads(line) for line in response.text.splitlines()]
    assert (response.status_code, len(reported)) == (200, BATCH_SIZE)
    assert last == {
        "problem": {
            "type": "/problems/service-unavailable",
            "title": "Service unavailable",
            "detail": "the database does not answer",
        }
    }


async def test_a_database_that_is_lost_from_the_start_is_an_answer_of_its_own(cases, manager, batch, problem_of):
    await cases.database.close()
    assert problem_of(await manager.post("/v1/case-files:import", content=batch(0))) == {
        "type": "/problems/service-unavailable",
        "title": "Service unavailable",
        "status": 503,
        "detail": "the database does not answer",
    }


async def test_two_imports_of_the_same_list_do_not_meet(cases, manager, batch):
    lines = batch(0).splitlines(keepends=True)
    backwards = b"".join(reversed(lines))
    reports = await asyncio.gather(
        *(manager.post("/v1/case-files:import", content=body) for body in (b"".join(lines), backwards))
    )
    summaries = [json.loads(report.text.splitlines()[-1])["summary"] for report in reports]
    assert sorted(summary["created"] for summary in summaries) == [0, BATCH_SIZE]
    assert sorted(summary["unchanged"] for summary in summaries) == [0, BATCH_SIZE]
    assert len(await cases.events()) == BATCH_SIZE
