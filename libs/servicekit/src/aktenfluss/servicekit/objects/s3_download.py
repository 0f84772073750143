"""An object on its way from an S3 store, read block by block in threads."""

import re
from http import HTTPStatus

from minio import Minio
from minio.error import S3Error
from urllib3 import BaseHTTPResponse
from urllib3.exceptions import ProtocolError

BLOCK = 2 << 20
"""With 1 MiB a download spent a fifth of its time on handing blocks from thread to thread."""
RANGE = re.compile(r"bytes (\d+)-(\d+)/(?:\d+|\*)")


class Download:
    """Reads a range of an object; `ended` once all came that the store promised.

    What is missing of it raises, whoever broke the line: nothing is ever cut short silently.
    """

    def __init__(self, client: Minio, bucket: str, key: str, start: int, length: int | None) -> None:
        self._client = client
        self._source = (bucket, key)
        self._start = start
        self._length = length
        self._response: BaseHTTPResponse | None = None
        self._left = 0
        self.ended = False

    def block(self) -> bytes:
        """Return the next block; the first one sends the request."""
        response = self._response or self._begin()
        if response is None:
            self.ended = True
            return b""
        block = response.read(min(BLOCK, self._left), decode_content=False)
        if not block and self._left:
            raise ProtocolError(f"{self._left} bytes are missing")
        self._left -= len(block)
        self.ended = not self._left
        return block

    def close(self) -> None:
        """Give the connection back, or close it where it still has bytes."""
        if self._response:
            self._response.close()
            self._response.release_conn()

    def _begin(self) -> BaseHTTPResponse | None:
        """Send the request; return None where the range begins at the end of the object or behind it."""
        try:
            self._response = self._client.get_object(*self._source, offset=self._start, length=self._length or 0)
        except S3Error as exc:
            if exc.code == "InvalidRange":
                return None
            raise
        self._left = self._promised(self._response)
        return self._response

    def _promised(self, response: BaseHTTPResponse) -> int:
        """Return how many bytes come; raises where they are not those that were asked for."""
        promised = int(response.headers.get("Content-Length", ""))
        if not (self._start or self._length):
            return promised
        given = RANGE.fullmatch(response.headers.get("Content-Range", ""))
        if response.status != HTTPStatus.PARTIAL_CONTENT or given is None:
            raise ValueError("the store does not know ranges")
        first, last = int(given[1]), int(given[2])
        if first != self._start or last - first + 1 != promised or promised > (self._length or promised):
            raise ValueError("the store gives another range than was asked for")
        return promised
