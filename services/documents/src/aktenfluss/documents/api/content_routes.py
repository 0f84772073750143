"""Contents over HTTP: ask, send, fetch."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Header, Path, Request, Response
from fastapi.responses import JSONResponse, StreamingResponse

from aktenfluss.contracts.documents import ContentCheck, StoredContents
from aktenfluss.kernel import DIGEST_PATTERN, Principal, Role
from aktenfluss.servicekit import Allow, Caller, IdempotentRoute, problems

from ..domain.byte_range import ByteRange
from ..domain.content import ContentState, parse_digest
from ..domain.errors import (
    ContentDamagedError,
    ContentNotFoundError,
    ContentTooLargeError,
    DigestMismatchError,
    GrantMismatchError,
    IncompleteBodyError,
    InvalidContentRangeError,
    RangeNotSatisfiableError,
    UnsupportedDigestAlgorithmError,
    UploadOffsetMismatchError,
)
from ..domain.ports import DocumentsQueries
from ..domain.reader import Reader
from ..use_cases.append_chunk import AppendChunk
from ..use_cases.link_content import LinkContent
from ..use_cases.read_content import OpenedContent, ReadContent
from ..use_cases.store_content import StoreContent
from .schemas import ContentStored, UploadProgress

Sender = Annotated[Principal, Allow(Role.CONTRACTOR, Role.SERVICE)]
Peer = Annotated[Principal, Allow(Role.SERVICE)]
Fetcher = Annotated[Caller, Allow(Role.SERVICE, grants=True)]
DigestPath = Annotated[
    str,
    # In the description only: a name of another form gets a problem of its own, not a broken rule among many.
    Path(
        description="`sha256:` and 64 hexadecimal digits", max_length=200, json_schema_extra={"pattern": DIGEST_PATTERN}
    ),
]
ContentRange = Annotated[
    str | None,
    Header(
        description="`bytes first-last/total`, numbered from 0",
        max_length=200,
        json_schema_extra={"pattern": "^bytes [0-9]{1,19}-[0-9]{1,19}/[0-9]{1,19}$"},
    ),
]
RangeHeader = Annotated[str | None, Header(alias="Range", description="`bytes=first-last`", max_length=200)]
SAFE: Mapping[str, str] = {
    "Accept-Ranges": "bytes",
    "Content-Disposition": "attachment",
    "Content-Security-Policy": "sandbox",
    "X-Content-Type-Options": "nosniff",
}
"""A content is whatever somebody scanned or sent: no browser may run it or guess its type."""
BINARY = {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}


@dataclass(frozen=True, slots=True)
class ContentUseCases:
    """What the routes call."""

    store: StoreContent
    append: AppendChunk
    read: ReadContent
    link: LinkContent | None
    queries: DocumentsQueries
    body_limit_bytes: int


def content_routes(use_cases: ContentUseCases) -> APIRouter:
    """Return the routes of contents."""
    router = APIRouter(route_class=IdempotentRoute, tags=["contents"])
    add_asking_routes(router, use_cases)
    add_sending_route(router, use_cases)
    add_fetching_route(router, use_cases)
    return router


def add_asking_routes(router: APIRouter, use_cases: ContentUseCases) -> None:
    @router.head(
        "/v1/contents/{digest}",
        summary="Ask whether a content is stored",
        description="Where only a part was sent, the answer 404 carries `Upload-Offset`: the byte to go on with.",
        response_class=Response,
        responses=problems(ContentNotFoundError, UnsupportedDigestAlgorithmError),
    )
    async def ask_for_content(digest: DigestPath, principal: Sender) -> Response:
        content = await use_cases.queries.content(principal, parse_digest(digest))
        if content and content.state is ContentState.OK:
            return Response(None, 200, {**SAFE, "ETag": f'"{digest}"', "Content-Length": str(content.size_bytes)})
        upload = await use_cases.queries.upload(principal, digest)
        if upload is None:
            raise ContentNotFoundError(f"{digest} is not stored")
        return Response(None, 404, {"Upload-Offset": str(upload.received_bytes)})

    @router.post("/v1/contents:check", summary="Ask which contents are stored", max_body_size=2 << 20)
    async def check_contents(body: ContentCheck, principal: Peer) -> StoredContents:
        return StoredContents(sizes=await use_cases.queries.sizes(principal, body.contents))


def add_sending_route(router: APIRouter, use_cases: ContentUseCases) -> None:
    @router.put(
        "/v1/contents/{digest}",
        summary="Store a content",
        description="The body is the content itself. Above 64 MiB send chunks in order, each with `Content-Range`.",
        status_code=201,
        response_model=ContentStored,
        responses={
            200: {"model": ContentStored, "description": "The content was stored before"},
            202: {"model": UploadProgress, "description": "The chunk is kept; `Upload-Offset` tells where to go on"},
            **problems(
                ContentTooLargeError,
                DigestMismatchError,
                IncompleteBodyError,
                InvalidContentRangeError,
                UnsupportedDigestAlgorithmError,
                UploadOffsetMismatchError,
            ),
        },
        openapi_extra={"requestBody": {"required": True, "content": BINARY}},
        max_body_size=use_cases.body_limit_bytes,
    )
    async def store_content(
        digest: DigestPath,
        request: Request,
        principal: Sender,
        content_range: ContentRange = None,
    ) -> Response:
        parse_digest(digest)
        if content_range is not None:
            return await store_chunk(use_cases.append, principal, digest, ByteRange.sent(content_range), request)
        new = await use_cases.store(principal, digest, announced_size(request), request.stream())
        return JSONResponse({"content": digest}, 201 if new else 200)


async def store_chunk(
    append: AppendChunk, principal: Principal, digest: str, chunk: ByteRange, request: Request
) -> Response:
    """Answer for one chunk."""
    receipt = await append(principal, digest, chunk, request.stream())
    headers = {"Upload-Offset": str(receipt.received_bytes)}
    if receipt.stored:
        return JSONResponse({"content": digest}, 201 if receipt.new else 200, headers)
    return JSONResponse({"content": digest, "upload_offset": receipt.received_bytes}, 202, headers)


def announced_size(request: Request) -> int | None:
    """Return the Content-Length; a body in HTTP's own chunks has none."""
    header = request.headers.get("content-length")
    return int(header) if header else None


def add_fetching_route(router: APIRouter, use_cases: ContentUseCases) -> None:
    @router.get(
        "/v1/contents/{digest}",
        summary="Fetch a content",
        description="Every byte is compared with the digest before it leaves; a connection that breaks off tells that "
        "a large content was found to be damaged on the way.",
        response_class=StreamingResponse,
        responses={
            200: {"description": "The content", "content": BINARY},
            206: {"description": "The range", "content": BINARY},
            307: {"description": "The content is at the store, under `Location` for a minute"},
            **problems(
                ContentDamagedError,
                ContentNotFoundError,
                GrantMismatchError,
                RangeNotSatisfiableError,
                UnsupportedDigestAlgorithmError,
            ),
        },
    )
    async def fetch_content(
        digest: DigestPath,
        caller: Fetcher,
        range_header: RangeHeader = None,
        if_range: Annotated[str | None, Header(max_length=200)] = None,
    ) -> Response:
        parse_digest(digest)
        reader = Reader(caller.principal, caller.grant)
        if use_cases.link and (link := await use_cases.link(reader, digest)):
            return Response(None, 307, {"Location": link, "Cache-Control": "no-store"})
        # If-Range with another ETag asks for the whole: it is another content.
        wanted = range_header if if_range in {None, f'"{digest}"'} else None
        return streamed(await use_cases.read(reader, digest, wanted))


def streamed(opened: OpenedContent) -> Response:
    """Return the answer that carries the content."""
    headers = {**SAFE, "ETag": f'"{opened.content.digest}"', "Content-Length": str(opened.size_bytes)}
    if opened.part is not None:
        headers["Content-Range"] = str(opened.part)
    status = 206 if opened.part else 200
    return StreamingResponse(opened.chunks, status, headers, "application/octet-stream")
