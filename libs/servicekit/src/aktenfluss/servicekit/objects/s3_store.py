"""The object store in a bucket of an S3 store, through the `minio` client in threads."""

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, aclosing, asynccontextmanager, closing, suppress
from datetime import timedelta
from io import BytesIO
from itertools import islice

import structlog
from minio import Minio
from minio.error import S3Error
from urllib3 import PoolManager, Retry, Timeout

from aktenfluss.kernel import Problem

from ..errors import ServiceUnavailableError
from .object_store import KEY, ObjectNotFoundError, StoreCapabilities, checked
from .s3_download import Download
from .s3_errors import told_as_problem
from .s3_probe import probe
from .s3_requests import S3Requests, Upload
from .s3_url import S3Url
from .threads import ended

PART = 16 << 20
"""Up to here an object is one request; above it is sent in parts of this size, so that memory does not grow with it."""
BLOCKS_AHEAD = 2
"""How many blocks of an object wait at most for who reads it; with one, both wait for each other's thread."""
LISTED = 1000
LONGEST_LINK_SECONDS = 60
KEPT_CONNECTIONS = 32
RETRIES = Retry(
    total=2,
    connect=2,
    read=1,
    redirect=0,
    other=0,
    status=2,
    status_forcelist=(500, 502, 503, 504),
    backoff_factor=0.1,
    raise_on_status=False,
    raise_on_redirect=False,
    # A store may ask for minutes: the caller gets a 503 rather than a thread that sleeps so long.
    respect_retry_after_header=False,
)
"""Of requests that may be repeated (all but POST). Each body is whole in memory, so none is sent again by half."""

log = structlog.get_logger("objects")


class S3Store:
    """Implements `ObjectStore` with one S3 object per object.

    A thread is held only while the store works: never for a slow sender or reader, so that these stop nobody else.
    """

    def __init__(
        self, url: S3Url, *, threads: int = 8, connect_seconds: float = 3.0, read_seconds: float = 30.0
    ) -> None:
        self._bucket = url.bucket
        self._region = url.region
        self._http = PoolManager(
            timeout=Timeout(connect=connect_seconds, read=read_seconds),
            retries=RETRIES,
            maxsize=KEPT_CONNECTIONS,
            cert_reqs="CERT_REQUIRED",
            ca_certs=str(url.ca) if url.ca else None,
        )
        self._client = Minio(
            url.endpoint, url.access_key, url.secret_key, secure=url.tls, region=url.region, http_client=self._http
        )
        self._requests = S3Requests(url, self._http)
        self._patience_seconds = read_seconds
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="objects")

    async def write(self, key: str, chunks: AsyncIterator[bytes]) -> None:
        checked(key)
        async with aclosing(in_parts(chunks)) as parts, AsyncExitStack() as undo:
            upload: Upload | None = None
            names: list[str] = []
            async for part, is_last in parts:
                if is_last and upload is None:
                    await self._run(self._put, key, part)
                    return
                upload = upload or await self._begin(key, undo)
                names.append(await self._run(self._requests.send_part, upload, len(names) + 1, part))
                del part  # the next one is collected while this name would still hold it
            if upload:
                await self._run(self._requests.complete_upload, upload, names)
            undo.pop_all()

    async def read(self, key: str, start: int = 0, length: int | None = None) -> AsyncIterator[bytes]:
        if length == 0:
            if await self.size(key) is None:
                raise ObjectNotFoundError("the object store holds nothing under that key")
            return
        with closing(Download(self._client, self._bucket, checked(key), start, length)) as download:
            blocks: asyncio.Queue[bytes] = asyncio.Queue()
            room = asyncio.Semaphore(BLOCKS_AHEAD)
            async with running(self._fetch(download, blocks, room)) as fetching:
                while block := await blocks.get():
                    room.release()
                    yield block
                await fetching

    async def size(self, key: str) -> int | None:
        try:
            return (await self._run(self._client.stat_object, self._bucket, checked(key))).size
        except ObjectNotFoundError:
            return None

    async def delete(self, key: str) -> None:
        with suppress(ObjectNotFoundError):
            await self._run(self._client.remove_object, self._bucket, checked(key))

    async def list(self, prefix: str) -> AsyncIterator[str]:
        found = self._client.list_objects(self._bucket, prefix=prefix, recursive=True)
        while page := await self._run(lambda: list(islice(found, LISTED))):
            for name in (str(listed.object_name) for listed in page):
                if KEY.fullmatch(name):
                    yield name

    def link(self, key: str, seconds: int, *, content_type: str, disposition: str) -> str | None:
        if not 0 < seconds <= LONGEST_LINK_SECONDS:
            raise ValueError(f"a link lasts 1 to {LONGEST_LINK_SECONDS} seconds")
        return self._client.presigned_get_object(
            self._bucket,
            checked(key),
            timedelta(seconds=seconds),
            {"response-content-type": content_type, "response-content-disposition": disposition},
        )

    async def sweep(self, older_than_seconds: float) -> int:
        """Abort what writes left behind that were killed; return how many."""
        before = time.time() - older_than_seconds
        abandoned = await self._run(lambda: list(self._requests.uploads_before(before)))
        for upload in abandoned:
            await self._run(self._requests.abort_upload, upload)
        return len(abandoned)

    async def prepare(self) -> None:
        """Make the bucket; one that is there stays as it is."""
        await self._run(self._make_bucket)

    async def probe(self) -> StoreCapabilities:
        return await self._run(probe, self._client, self._requests, self._bucket)

    async def close(self) -> None:
        """Wait for what runs, and close the connections."""
        await asyncio.to_thread(self._threads.shutdown)
        self._http.clear()

    def _put(self, key: str, content: bytearray) -> None:
        self._client.put_object(self._bucket, key, BytesIO(content), len(content), part_size=PART)

    async def _fetch(self, download: Download, blocks: asyncio.Queue[bytes], room: asyncio.Semaphore) -> None:
        """Fetch blocks while the reader is at work on those before; an empty one tells that no more come."""
        try:
            while not download.ended:
                await room.acquire()
                blocks.put_nowait(await self._run(download.block))
        finally:
            blocks.put_nowait(b"")

    async def _begin(self, key: str, undo: AsyncExitStack) -> Upload:
        """Begin an upload in parts; `undo` aborts it."""
        upload = await self._run(self._requests.begin_upload, key)
        undo.push_async_callback(self._abort, upload)
        return upload

    async def _abort(self, upload: Upload) -> None:
        """Drop the parts; without an answer they are left to the sweep: the caller is to learn what came first."""
        try:
            await self._run(self._requests.abort_upload, upload)
        except Problem as problem:
            log.warning("parts left to the sweep", reason=problem.detail)

    def _make_bucket(self) -> None:
        if self._client.bucket_exists(self._bucket):
            return
        try:
            self._client.make_bucket(self._bucket, self._region)
        except S3Error as exc:
            if exc.code != "BucketAlreadyOwnedByYou":
                raise

    async def _run[**P, T](self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `work` in a thread; what the store refuses becomes a problem that tells the way out.

        Who waits longer for a thread than a store may be silent is told so: the store is too slow for all who ask.
        """
        job = self._threads.submit(work, *args, **kwargs)
        giving_up = asyncio.get_running_loop().call_later(self._patience_seconds, job.cancel)
        try:
            await ended(job)
        finally:
            giving_up.cancel()
        if job.cancelled():
            raise ServiceUnavailableError("the object store is too slow for all that is asked of it")
        with told_as_problem():
            return job.result()


@asynccontextmanager
async def running[T](work: Coroutine[object, object, T]) -> AsyncIterator[asyncio.Task[T]]:
    """Run `work` beside the body; it has ended, one way or the other, when the body is left."""
    task = asyncio.create_task(work)
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.wait([task])


async def in_parts(chunks: AsyncIterator[bytes]) -> AsyncGenerator[tuple[bytearray, bool]]:
    """Yield parts of equal size and whether it is the last, which is what remains: all of a small object.

    Who takes a part is given the only copy: two of them would be most of the memory that a large object takes.
    """
    part = bytearray()
    async for chunk in chunks:
        rest = memoryview(chunk)
        while rest:
            if len(part) == PART:
                yield part, False
                part = bytearray()
            taken = rest[: PART - len(part)]
            part += taken
            rest = rest[len(taken) :]
    yield part, True
