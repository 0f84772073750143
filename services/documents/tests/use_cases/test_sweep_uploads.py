"""Half-sent uploads are forgotten once they are old."""

from datetime import UTC, datetime, timedelta

import pytest

from aktenfluss.documents.adapters.byte_store import StoredBytes
from aktenfluss.documents.adapters.queries import SqlInventory
from aktenfluss.documents.adapters.unit_of_work import SqlDocumentsUnitOfWork
from aktenfluss.documents.use_cases.sweep_uploads import SweepUploads
from aktenfluss.kernel import digest_of
from aktenfluss.testkit.clock import FixedClock

DIGEST = digest_of(b"0123456789")
DAY = 86_400


@pytest.fixture
def clock():
    # Parts carry the machine's time in their ids: this test begins there.
    return FixedClock(datetime.now(UTC))  # noqa: TID251 - see above


@pytest.fixture
def sweep(documents, store, clock):
    database = documents.database
    units, inventory = SqlDocumentsUnitOfWork(database), SqlInventory(database)
    return SweepUploads(units, inventory, StoredBytes(store), clock, timedelta(days=1))


@pytest.fixture
async def half_sent(contractor):
    response = await contractor.put(
        f"/v1/contents/{DIGEST}", content=b"01234", headers={"Content-Range": "bytes 0-4/10"}
    )
    assert response.status_code == 202


async def parts(store):
    return [key async for key in store.list("uploads/")]


@pytest.mark.usefixtures("half_sent")
async def test_an_upload_that_may_go_on_is_kept(sweep, clock, store):
    clock.advance(DAY - 10)
    assert (await sweep(), len(await parts(store))) == (0, 1)


@pytest.mark.usefixtures("half_sent")
async def test_an_old_upload_is_forgotten(sweep, clock, store, caller):
    clock.advance(DAY + 10)
    assert (await sweep(), await parts(store)) == (1, [])
    assert (await caller("contractor").head(f"/v1/contents/{DIGEST}")).headers.get("upload-offset") is None


async def test_a_part_that_a_crash_left_is_removed(sweep, clock, store, half_sent, principal, documents):
    async with SqlDocumentsUnitOfWork(documents.database).begin(principal) as tx:
        await tx.uploads.drop(DIGEST)
    assert await sweep() == 0
    clock.advance(DAY + 10)
    assert (await sweep(), await parts(store)) == (1, [])


@pytest.mark.usefixtures("half_sent")
@pytest.mark.parametrize(
    "name", ["README.txt", "offenbach/notes", "of fenbach/018f7a5e-0000-7000-8000-000000000000", ".DS_Store"]
)
async def test_what_is_not_ours_stays_and_keeps_no_old_part(sweep, clock, store, name):
    foreign = store.local_path("uploads") / name
    foreign.parent.mkdir(exist_ok=True)
    foreign.touch()
    clock.advance(DAY + 10)
    assert await sweep() == 1
    assert [path for path in store.local_path("uploads").rglob("*") if path.is_file()] == [foreign]


@pytest.mark.usefixtures("half_sent")
async def test_an_upload_that_went_on_meanwhile_is_kept(documents, principal, clock):
    async with SqlDocumentsUnitOfWork(documents.database).begin(principal) as tx:
        assert await tx.uploads.drop_stale(DIGEST, clock.now() - timedelta(hours=1)) is False
