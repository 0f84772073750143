"""Parts that fail: nothing is served unrecorded, no row stands without its bytes, memory does not grow."""

import tracemalloc

import pytest

from aktenfluss.documents.adapters.byte_store import StoredBytes
from aktenfluss.documents.adapters.queries import SqlDocumentsQueries
from aktenfluss.documents.adapters.unit_of_work import SqlDocumentsUnitOfWork
from aktenfluss.documents.domain.content import ContentState
from aktenfluss.documents.domain.reader import Reader
from aktenfluss.documents.use_cases.open_content import OpenContent
from aktenfluss.documents.use_cases.read_content import ReadContent
from aktenfluss.documents.use_cases.report_damage import ReportDamage
from aktenfluss.documents.use_cases.store_content import StoreContent
from aktenfluss.kernel import digest_of
from aktenfluss.servicekit import ServiceUnavailableError

CONTENT = b"a sheet of paper"
DIGEST = digest_of(CONTENT)
BLOCK = bytes(range(256)) * 4096


class DeadStore:
    """An object store that does not answer."""

    async def write(self, key, chunks):
        async for _ in chunks:
            raise ServiceUnavailableError("the object store does not answer")

    async def read(self, key, start=0, length=None):
        raise ServiceUnavailableError("the object store does not answer")
        yield b""


class DeadReadLog:
    """A read log that cannot write."""

    async def record(self, principal, data, *, key, subject, version):
        raise ServiceUnavailableError("the read could not be recorded")


class DeadUnits:
    """A database that refuses every change."""

    def begin(self, principal):
        raise ServiceUnavailableError("the database does not answer")


async def pieces_of(*pieces):
    for piece in pieces:
        yield piece


@pytest.fixture
def queries(documents):
    return SqlDocumentsQueries(documents.database)


@pytest.fixture
def units(documents):
    return SqlDocumentsUnitOfWork(documents.database)


@pytest.fixture
def storing(units, queries, store, clock):
    """Make the use case, some parts of it replaced."""
    parts = {"units": units, "queries": queries, "store": StoredBytes(store), "clock": clock, "limit_bytes": 1 << 30}
    return lambda **changes: StoreContent(**parts | changes)


@pytest.fixture
def reading(units, queries, store, clock, documents):
    def make(bytes_from=None, reads=None):
        opening = OpenContent(bytes_from or StoredBytes(store), ReportDamage(units, clock))
        return ReadContent(queries, opening, reads or documents.resources.reads)

    return make


async def test_a_store_that_fails_leaves_no_row(storing, queries, principal):
    with pytest.raises(ServiceUnavailableError):
        await storing(store=DeadStore())(principal, DIGEST, None, pieces_of(CONTENT))
    assert await queries.content(principal, DIGEST) is None


async def test_a_database_that_fails_leaves_no_content_and_the_next_push_succeeds(storing, queries, principal):
    with pytest.raises(ServiceUnavailableError):
        await storing(units=DeadUnits())(principal, DIGEST, None, pieces_of(CONTENT))
    assert await queries.content(principal, DIGEST) is None
    assert await storing()(principal, DIGEST, None, pieces_of(CONTENT)) is True


async def test_what_is_not_on_record_is_not_served(storing, reading, principal):
    await storing()(principal, DIGEST, None, pieces_of(CONTENT))
    with pytest.raises(ServiceUnavailableError):
        await reading(reads=DeadReadLog())(Reader(principal), DIGEST, None)


async def test_a_store_that_does_not_answer_is_no_damage(storing, reading, principal, queries):
    await storing()(principal, DIGEST, None, pieces_of(CONTENT))
    with pytest.raises(ServiceUnavailableError):
        await reading(bytes_from=DeadStore())(Reader(principal), DIGEST, None)
    assert await queries.findings(principal, None, 10) == []
    opened = await reading()(Reader(principal), DIGEST, None)
    assert b"".join([chunk async for chunk in opened.chunks]) == CONTENT


async def test_a_damage_is_told_once_however_often_it_is_read(storing, reading, principal, documents, units, clock):
    await storing()(principal, DIGEST, None, pieces_of(CONTENT))
    report = ReportDamage(units, clock)
    for _ in range(3):
        await report(principal, DIGEST, ContentState.CHANGED)
    assert len(await documents.events()) == 1


@pytest.mark.parametrize("part", [None, "bytes=10-60000000"])
async def test_memory_does_not_grow_with_a_content(storing, reading, principal, part):
    blocks = [BLOCK] * 64
    digest = digest_of(b"".join(blocks))
    tracemalloc.start()
    await storing()(principal, digest, None, pieces_of(*blocks))
    opened = await reading()(Reader(principal), digest, part)
    assert sum([len(chunk) async for chunk in opened.chunks]) == opened.size_bytes
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 12 << 20
