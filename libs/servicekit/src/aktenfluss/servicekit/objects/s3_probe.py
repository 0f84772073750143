"""What a bucket is seen to do: keep versions, have an object lock, and mean it."""

import secrets
import time
from collections.abc import Callable
from datetime import UTC, datetime
from http import HTTPStatus
from io import BytesIO

from minio import Minio
from minio.commonconfig import ENABLED, GOVERNANCE
from minio.deleteobjects import DeleteObject
from minio.error import S3Error
from minio.retention import Retention

from ..errors import NotPreparedError
from .object_store import StoreCapabilities
from .s3_requests import S3Requests

FOLDER = ".probe/"
"""No key of an object starts so."""
LOCKED_SECONDS = 60
UNKNOWN = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED, HTTPStatus.NOT_IMPLEMENTED})


def probe(client: Minio, requests: S3Requests, bucket: str) -> StoreCapabilities:
    """Return what the bucket does; raises NotPreparedError where there is none."""
    if not client.bucket_exists(bucket):
        raise NotPreparedError(f"OBJECT_STORE_URL: there is no bucket {bucket}; `aktenfluss migrate` makes it")
    locks = answered(requests.has_object_lock)
    return StoreCapabilities(
        versioning=answered(lambda: client.get_bucket_versioning(bucket).status == ENABLED),
        object_lock=locks,
        lock_enforced=enforces_lock(client, bucket) if locks else None,
    )


def answered(question: Callable[[], bool]) -> bool | None:
    """Return the answer: False where the store does not know the matter, None where our keys may not ask."""
    try:
        return question()
    except S3Error as exc:
        if exc.response.status in UNKNOWN:
            return False
        if exc.response.status == HTTPStatus.FORBIDDEN:
            return None
        raise


def enforces_lock(client: Minio, bucket: str) -> bool | None:
    """Lock a byte and try to delete it; tell whether the store refused, or None where our keys may not lock.

    What cannot be deleted at once, because the keys may not pass over a lock, is deleted by a later probe.
    """
    drop_locked(client, bucket)
    key = FOLDER + secrets.token_hex(8)
    until = datetime.fromtimestamp(time.time() + LOCKED_SECONDS, UTC)
    try:
        written = client.put_object(bucket, key, BytesIO(b"."), 1, retention=Retention(GOVERNANCE, until))
    except S3Error as exc:
        if exc.response.status == HTTPStatus.FORBIDDEN:
            return None
        raise
    enforced = refuses_to_delete(client, bucket, key, written.version_id)
    drop_locked(client, bucket)
    return enforced


def refuses_to_delete(client: Minio, bucket: str, key: str, version_id: str | None) -> bool:
    try:
        client.remove_object(bucket, key, version_id=version_id)
    except S3Error as exc:
        if exc.response.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise
        return True
    return False


def drop_locked(client: Minio, bucket: str) -> None:
    """Delete the bytes of this probe and of earlier ones, as far as the store lets us."""
    found = client.list_objects(bucket, prefix=FOLDER, recursive=True, include_version=True)
    deletions = [DeleteObject(version.object_name or "", named(version.version_id)) for version in found]
    # The client sends nothing before its answers are read; what it could not delete waits for a later probe.
    list(client.remove_objects(bucket, deletions, bypass_governance_mode=True))


def named(version_id: str | None) -> str | None:
    """Return the version to ask for; where none are kept it is listed as `null`, which not every store takes back."""
    return None if version_id == "null" else version_id
