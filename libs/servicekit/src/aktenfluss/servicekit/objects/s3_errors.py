"""What an S3 store and its client answer, told as problems."""

from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import ClassVar
from xml.etree.ElementTree import ParseError

from minio.error import MinioException, S3Error, ServerError
from urllib3.exceptions import HTTPError

from aktenfluss.kernel import Problem

from ..errors import ServiceUnavailableError, StorageFullError
from .object_store import ObjectNotFoundError

NO_SUCH_OBJECT = "NoSuchKey"
NO_SUCH_BUCKET = "NoSuchBucket"
FULL = frozenset({"XMinioStorageFull", "QuotaExceeded", "XMinioAdminBucketQuotaExceeded"})
PASSING = frozenset(
    {"SlowDown", "RequestTimeout", "XAmzContentSHA256Mismatch", "BadDigest", "IncompleteBody", "NoSuchUpload"}
)
"""Codes of 4xx answers that the same request does not meet again; a digest differs where bytes changed on the way."""


class StoreRefusedError(ServiceUnavailableError):
    """The object store refuses what the service asks of it.

    Way out: an operator looks the code up that the detail names. `SignatureDoesNotMatch`, `InvalidAccessKeyId` and
    `AccessDenied`: put right the keys in OBJECT_STORE_URL and what the store allows them. `NoSuchBucket`: run
    `aktenfluss migrate`. `AuthorizationHeaderMalformed`: put right the region in OBJECT_STORE_URL.
    `RequestTimeTooSkewed`: put right the clocks. Then send the same request again; nothing was changed.
    """

    slug: ClassVar[str] = "store-refused"
    title: ClassVar[str] = "Object store refused"


@contextmanager
def told_as_problem() -> Iterator[None]:
    """Turn what the client raises into StorageFullError, StoreRefusedError, and ServiceUnavailableError."""
    try:
        yield
    except S3Error as exc:
        raise problem_of(exc.code or "", exc.response.status) from exc
    except ServerError as exc:
        raise problem_of("", exc.status_code) from exc
    except (MinioException, HTTPError, OSError) as exc:
        raise ServiceUnavailableError("the object store does not answer") from exc
    except (ParseError, ValueError) as exc:
        raise ServiceUnavailableError("what answers is no object store, or its answer broke off") from exc


def problem_of(code: str, status: int) -> Problem:
    """Return the problem of an answer."""
    if code in FULL or status == HTTPStatus.INSUFFICIENT_STORAGE:
        return StorageFullError("the object store has no room left")
    if code in PASSING or status >= HTTPStatus.INTERNAL_SERVER_ERROR or status == HTTPStatus.TOO_MANY_REQUESTS:
        return ServiceUnavailableError(f"the object store answers {code or status}")
    if code == NO_SUCH_OBJECT:
        return ObjectNotFoundError("the object store holds nothing under that key")
    return StoreRefusedError(f"the object store refuses: {code or status}")
