"""The stock list on the wire: lines in while their report goes out, both of any length."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from typing import Any, override

import orjson
from fastapi.responses import StreamingResponse
from starlette.requests import ClientDisconnect
from starlette.types import Receive, Scope, Send

from aktenfluss.kernel import Problem

from ..domain.stock_list import LineOutcome

NDJSON = "application/x-ndjson"


async def split_lines(chunks: AsyncIterator[bytes], limit: int) -> AsyncIterator[bytes]:
    """Yield the lines without their ends; of a line that is longer than `limit`, one byte more than that."""
    begun = b""
    async for chunk in chunks:
        *lines, rest = (begun + chunk).split(b"\n")
        for line in lines:
            yield line[: limit + 1]
        begun = rest[: limit + 1]
    yield begun


async def report_lines(first: list[LineOutcome], outcomes: AsyncIterator[list[LineOutcome]]) -> AsyncIterator[bytes]:
    """Yield a line for each outcome, then the summary; a report that ends with a problem instead is not complete."""
    counts = Counter(outcome.result for outcome in first)
    yield b"".join(map(outcome_line, first))
    try:
        async for batch in outcomes:
            counts.update(outcome.result for outcome in batch)
            yield b"".join(map(outcome_line, batch))
    except Problem as problem:
        yield line_of({"problem": problem_object(problem)})
        return
    results = {result: counts[result] for result in ("created", "updated", "unchanged", "rejected")}
    yield line_of({"summary": {"lines": counts.total(), **results}})


def outcome_line(outcome: LineOutcome) -> bytes:
    if outcome.problem is not None:
        return line_of({"line": outcome.line, "result": outcome.result, "problem": problem_object(outcome.problem)})
    return line_of(
        {
            "line": outcome.line,
            "result": outcome.result,
            "case_file_id": outcome.case_file_id,
            "file_number": outcome.file_number,
        }
    )


def problem_object(problem: Problem) -> dict[str, Any]:
    """Return a problem inside a report: as RFC 9457 has it, without the status of an answer that it is not."""
    return {"type": f"/problems/{problem.slug}", "title": problem.title, "detail": problem.detail, **problem.members}


def line_of(value: object) -> bytes:
    # The driver's UUIDs are a type of its own.
    return orjson.dumps(value, default=str, option=orjson.OPT_APPEND_NEWLINE)


class ReportResponse(StreamingResponse):
    """Sends a report while the request is still being read.

    Its lines wait in memory (about 130 bytes each) for a client that sends everything before it reads anything: were
    they to hold up the reading, client and server would wait for each other for ever.
    """

    media_type = NDJSON

    def __init__(self, lines: AsyncIterator[bytes]) -> None:
        self._lines = lines
        self._waiting: asyncio.Queue[bytes | None] = asyncio.Queue()
        super().__init__(self._sent())

    @override
    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        # Not the inherited one: to notice a client that goes away, it would take the rest of the request.
        async with asyncio.TaskGroup() as group:
            group.create_task(self._read_on())
            await self.stream_response(send)

    async def _read_on(self) -> None:
        try:
            async for line in self._lines:
                self._waiting.put_nowait(line)
        except ClientDisconnect:
            pass  # nobody is left to read the report; what was committed stays
        self._waiting.put_nowait(None)

    async def _sent(self) -> AsyncIterator[bytes]:
        while (line := await self._waiting.get()) is not None:
            yield line
