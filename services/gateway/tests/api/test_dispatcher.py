"""The mount root hands requests on as they are."""

import asyncio

import httpx
import pytest
from starlette.responses import PlainTextResponse, StreamingResponse

from aktenfluss.gateway.api.dispatcher import Dispatcher
from aktenfluss.testkit import PATIENCE_SECONDS

PREFIXES = ("/v1/case-files", "/v1/case-files-archive", "/v1/contents")


async def asked(dispatcher, path):
    transport = httpx.ASGITransport(app=dispatcher)
    async with httpx.AsyncClient(transport=transport, base_url="http://door") as client:
        return (await client.get(path)).text


@pytest.fixture
def dispatcher():
    apps = {prefix: PlainTextResponse(prefix) for prefix in PREFIXES}
    return Dispatcher(apps, fallback=PlainTextResponse("fallback"))


@pytest.mark.parametrize(
    ("path", "answered_by"),
    [
        ("/v1/case-files", "/v1/case-files"),
        ("/v1/case-files?limit=1", "/v1/case-files"),
        ("/v1/case-files/7/entries", "/v1/case-files"),
        ("/v1/case-files:import", "/v1/case-files"),
        ("/v1/case-files-archive/7", "/v1/case-files-archive"),
        ("/v1/case-filesystem", "fallback"),
        ("/v1/contents/sha256:00", "/v1/contents"),
        ("/x/v1/contents", "fallback"),
        ("/v1", "fallback"),
        ("/", "fallback"),
    ],
)
async def test_the_longest_prefix_that_fits_answers(dispatcher, path, answered_by):
    assert await asked(dispatcher, path) == answered_by


async def test_without_services_the_fallback_answers():
    assert await asked(Dispatcher({}, fallback=PlainTextResponse("fallback")), "/v1/contents") == "fallback"


async def test_the_first_byte_passes_before_the_last_is_made():
    more, sent = asyncio.Event(), asyncio.Queue()

    async def slow():
        yield b"first"
        await more.wait()
        yield b"last"

    app = Dispatcher({"/v1/contents": StreamingResponse(slow())}, fallback=PlainTextResponse(""))
    scope = {"type": "http", "method": "GET", "path": "/v1/contents/1", "headers": [], "query_string": b""}
    answering = asyncio.create_task(app(scope, asyncio.Event().wait, sent.put))
    messages = [await sent.get(), await sent.get()]

    assert messages[1]["body"] == b"first"
    more.set()
    await asyncio.wait_for(answering, PATIENCE_SECONDS)
