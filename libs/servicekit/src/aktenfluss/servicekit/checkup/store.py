"""Checks the object store: an object is written, read and deleted, and the store is seen to keep what it keeps."""

import secrets
from collections.abc import AsyncIterator

from aktenfluss.kernel import Problem

from ..errors import NotPreparedError, StorageFullError
from ..objects.file_store import FileStore
from ..objects.object_store import ObjectStore, StoreCapabilities
from ..objects.s3_errors import StoreRefusedError
from .finding import Finding, failure, fine, warning
from .limits import room_in

FOLDER = "check-up"
CONTENT = b"aktenfluss doctor"


async def store(objects: ObjectStore) -> list[Finding]:
    """Try the store with an object of its own, which is gone afterwards."""
    try:
        seen = await objects.probe()
        kept = await keeps(objects)
    except NotPreparedError as exc:
        return [failure("store", str(exc), "Run `aktenfluss migrate`.")]
    except StoreRefusedError as exc:
        return [
            failure("store", exc.detail, "Put right keys, region or clock; docs/problems/store-refused.md tells which.")
        ]
    except StorageFullError as exc:
        return [failure("store", exc.detail, "Add room; nothing has to be restarted.")]
    except Problem as exc:
        return [failure("store", exc.detail, "Start the store, or put right OBJECT_STORE_URL.")]
    if not kept:
        return [failure("store", "an object came back changed", "Stop writing to this store and have it examined.")]
    return [told(objects, seen), *free(objects)]


async def keeps(objects: ObjectStore) -> bool:
    key = f"{FOLDER}/{secrets.token_hex(8)}"
    await objects.write(key, pieces(CONTENT))
    try:
        return b"".join([chunk async for chunk in objects.read(key)]) == CONTENT
    finally:
        await objects.delete(key)


async def pieces(content: bytes) -> AsyncIterator[bytes]:
    yield content


def told(objects: ObjectStore, seen: StoreCapabilities) -> Finding:
    """Tell what the store does beyond keeping; a folder is not expected to."""
    if isinstance(objects, FileStore):
        return fine("store", "a folder, which keeps what is written")
    told = (
        f"versioning {word(seen.versioning)}, object lock {word(seen.object_lock)}, enforced {word(seen.lock_enforced)}"
    )
    if seen.versioning is False:
        return warning("store", told, "Turn on versioning of the bucket: what is deleted by mistake is gone for good.")
    return fine("store", told)


def word(seen: bool | None) -> str:
    return {True: "yes", False: "no", None: "not to be seen"}[seen]


def free(objects: ObjectStore) -> list[Finding]:
    """Tell how much room a folder has left; how much a bucket has, its store alone knows."""
    return [room_in("store room", objects.local_path(FOLDER).parent)] if isinstance(objects, FileStore) else []
