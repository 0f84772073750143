"""What the check-up tells of a store that does not do what it should."""

import pytest

from aktenfluss.servicekit import (
    FileStore,
    NotPreparedError,
    Outcome,
    ServiceUnavailableError,
    StorageFullError,
    StoreCapabilities,
    StoreRefusedError,
)
from aktenfluss.servicekit.checkup.store import store as check
from aktenfluss.servicekit.checkup.store import told


class Failing(FileStore):
    """A store that fails as it is told."""

    error: Exception

    async def probe(self) -> StoreCapabilities:
        raise self.error


class Forgetful(FileStore):
    """A store that gives back something else."""

    async def read(self, key, start=0, length=None):
        yield b"something else"


@pytest.mark.parametrize(
    ("error", "way_out"),
    [
        (NotPreparedError("there is no bucket"), "Run `aktenfluss migrate`."),
        (StoreRefusedError("SignatureDoesNotMatch"), "Put right keys, region or clock"),
        (StorageFullError("no room left"), "Add room"),
        (ServiceUnavailableError("it does not answer"), "Start the store"),
    ],
)
async def test_what_a_store_fails_with_says_what_to_do(tmp_path, error, way_out):
    objects = Failing(tmp_path)
    objects.error = error
    [finding] = await check(objects)
    assert (finding.outcome, finding.seen) == (Outcome.FAILURE, str(error))
    assert finding.way_out.startswith(way_out)


async def test_a_store_that_changes_objects_is_a_failure(tmp_path):
    [finding] = await check(Forgetful(tmp_path))
    assert (finding.outcome, finding.seen) == (Outcome.FAILURE, "an object came back changed")


async def test_a_folder_that_keeps_leaves_nothing_behind(tmp_path):
    findings = await check(FileStore(tmp_path))
    assert [finding.name for finding in findings] == ["store", "store room"]
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize(
    ("seen", "outcome", "text"),
    [
        (
            StoreCapabilities(versioning=True, object_lock=True, lock_enforced=True),
            Outcome.OK,
            "versioning yes, object lock yes, enforced yes",
        ),
        (
            StoreCapabilities(versioning=False, object_lock=False),
            Outcome.WARNING,
            "versioning no, object lock no, enforced not to be seen",
        ),
        (
            StoreCapabilities(),
            Outcome.OK,
            "versioning not to be seen, object lock not to be seen, enforced not to be seen",
        ),
    ],
)
def test_a_bucket_without_versions_is_a_warning(seen, outcome, text):
    finding = told(object(), seen)
    assert (finding.outcome, finding.seen) == (outcome, text)
