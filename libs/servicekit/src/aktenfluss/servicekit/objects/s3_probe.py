"""What a bucket is seen to do: keep versions, have an object lock, and mean it."""

import secrets
import time
from datetime import UTC, datetime
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


def probe(client: Minio, requests: S3Requests, bucket: str) -> StoreCapabilities:
    """Return what the bucket does; raises NotPreparedError where there is none."""
    if not client.bucket_exists(bucket):
        raise NotPreparedError(f"OBJECT_STORE_URL: there is no bucket {bucket}; `aktenfluss migrate` makes it")
    locks = requests.has_object_lock()
    return StoreCapabilities(
        versioning=keeps_versions(client, bucket),
        object_lock=locks,
        lock_enforced=enforces_lock(client, bucket) if locks else None,
    )


def keeps_versions(client: Minio, bucket: str) -> bool:
    try:
        return client.get_bucket_versioning(bucket).status == ENABLED
    except S3Error as exc:
        if exc.response.status in {404, 501}:
            return False
        raise


def enforces_lock(client: Minio, bucket: str) -> bool:
    """Lock a byte and try to delete it; tell whether the store refused.

    What cannot be deleted at once, because the keys may not pass over a lock, is deleted by a later probe.
    """
    drop_locked(client, bucket)
    key = FOLDER + secrets.token_hex(8)
    until = datetime.fromtimestamp(time.time() + LOCKED_SECONDS, UTC)
    written = client.put_object(bucket, key, BytesIO(b"."), 1, retention=Retention(GOVERNANCE, until))
    try:
        client.remove_object(bucket, key, version_id=written.version_id)
    except S3Error as exc:
        if exc.response.status >= 500:
            raise
        return True
    else:
        return False
    finally:
        drop_locked(client, bucket)


def drop_locked(client: Minio, bucket: str) -> None:
    """Delete the bytes of this probe and of earlier ones, as far as the store lets us."""
    found = client.list_objects(bucket, prefix=FOLDER, recursive=True, include_version=True)
    deletions = [DeleteObject(version.object_name or "", version.version_id) for version in found]
    if deletions:
        list(client.remove_objects(bucket, deletions, bypass_governance_mode=True))
