"""Requests to an S3 store that the client has no public method for: uploads in parts, and whether a bucket has a lock."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Self
from urllib.parse import quote, urlencode, urlsplit
from xml.etree.ElementTree import Element as XmlElement

from minio.credentials.credentials import Credentials
from minio.datatypes import ListMultipartUploadsResult
from minio.datatypes import Upload as ListedUpload
from minio.error import S3Error, ServerError
from minio.signer import sign_v4_s3
from minio.time import to_amz_date, utcnow
from minio.xml import Element, SubElement, findtext, getbytes, unmarshal
from urllib3 import BaseHTTPResponse, PoolManager

from .s3_url import S3Url

OK = frozenset({200, 204})


@dataclass(frozen=True, slots=True)
class Upload:
    """An upload in parts that was begun and not ended."""

    key: str
    upload_id: str

    @classmethod
    def of(cls, listed: ListedUpload) -> Self:
        return cls(listed.object_name, listed.upload_id or "")


@dataclass(frozen=True, slots=True)
class Answer:
    """The XML of an answer, as the client's parser gives it."""

    root: XmlElement

    @classmethod
    def fromxml(cls, element: XmlElement) -> Self:
        return cls(element)


class S3Requests:
    """Signs with the client's signer and sends through its pool.

    Each body is signed with its SHA-256: the store refuses bytes that changed on their way.
    """

    def __init__(self, url: S3Url, http: PoolManager) -> None:
        self._base = f"{'https' if url.tls else 'http'}://{url.endpoint}/{url.bucket}"
        self._region = url.region
        self._credentials = Credentials(url.access_key, url.secret_key)
        self._http = http

    def begin_upload(self, key: str) -> Upload:
        response = self._send("POST", key, {"uploads": ""})
        return Upload(key, findtext(root_of(response), "UploadId", strict=True) or "")

    def send_part(self, upload: Upload, number: int, part: bytearray) -> str:
        """Send the part that is counted `number` from 1; return the store's name for it."""
        query = {"partNumber": str(number), "uploadId": upload.upload_id}
        return self._send("PUT", upload.key, query, part).headers["ETag"]

    def complete_upload(self, upload: Upload, names: Sequence[str]) -> None:
        """Make one object of the parts."""
        order = Element("CompleteMultipartUpload")
        for number, name in enumerate(names, 1):
            part = SubElement(order, "Part")
            SubElement(part, "PartNumber", str(number))
            SubElement(part, "ETag", name)
        response = self._send("POST", upload.key, {"uploadId": upload.upload_id}, getbytes(order))
        # A store may begin to answer 200, work, and then tell an error: only the root of the answer says which it is.
        root = root_of(response)
        if not root.tag.endswith("CompleteMultipartUploadResult"):
            raise ServerError(f"completing failed: {findtext(root, 'Code')}", 500)

    def abort_upload(self, upload: Upload) -> None:
        """Drop the parts; they may be gone."""
        try:
            self._send("DELETE", upload.key, {"uploadId": upload.upload_id})
        except S3Error as exc:
            if exc.code != "NoSuchUpload":
                raise

    def uploads_before(self, moment: float) -> Iterator[Upload]:
        """Yield the uploads that were begun before `moment`, in seconds since 1970."""
        marker = ""
        while True:
            query = {"uploads": "", "key-marker": marker}
            page = ListMultipartUploadsResult(self._send("GET", "", query))
            for listed in page.uploads:
                if listed.initiated_time and listed.initiated_time.timestamp() <= moment:
                    yield Upload.of(listed)
            marker = page.next_key_marker or ""
            if not (page.is_truncated and marker):
                return

    def has_object_lock(self) -> bool:
        """Tell whether the bucket has a lock; one without any may be answered with an error, as by AWS."""
        response = self._send("GET", "", {"object-lock": ""})
        return findtext(root_of(response), "ObjectLockEnabled") == "Enabled"

    def _send(self, method: str, key: str, query: Mapping[str, str], body: bytes | bytearray = b"") -> BaseHTTPResponse:
        """Return the answer; raises what the client raises for one that is none of success."""
        url = urlsplit(f"{self._base}/{key}?{urlencode(sorted(query.items()), quote_via=quote, safe='')}")
        digest, now = hashlib.sha256(body).hexdigest(), utcnow()
        headers = sign_v4_s3(
            method=method,
            url=url,
            region=self._region,
            headers={"Host": url.netloc, "x-amz-date": to_amz_date(now), "x-amz-content-sha256": digest},
            credentials=self._credentials,
            content_sha256=digest,
            date=now,
        )
        response = self._http.urlopen(method, url.geturl(), body=body, headers=headers)
        if response.status in OK:
            return response
        if response.data:
            raise S3Error.fromxml(response)
        raise ServerError(f"the store answers {response.status}", response.status)


def root_of(response: BaseHTTPResponse) -> XmlElement:
    """Return the root of the XML, before which a store may have sent spaces to keep the line open."""
    return unmarshal(Answer, response.data.decode().strip()).root
