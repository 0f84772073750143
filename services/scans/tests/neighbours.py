"""The services that scans asks, written from their contracts: small, without a database, easy to break."""

from collections.abc import AsyncIterator
from uuid import UUID

import jwt
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from aktenfluss.contracts.cases import CaseFileLookup, FoundCaseFile, FoundCaseFiles
from aktenfluss.contracts.documents import (
    ContentCheck,
    DocumentRead,
    DocumentsRead,
    NewDocuments,
    StoredContents,
    content_key,
)
from aktenfluss.kernel import digest_of, new_id

BROKEN = {"type": "/problems/broken", "title": "Broken", "detail": "broken"}


class Cases:
    """Knows the case files of one tenant by keeping authority and file number."""

    def __init__(self) -> None:
        self.case_files: dict[tuple[str, str], UUID] = {}
        self.broken = False
        self.app = Starlette(routes=[Route("/v1/case-files:lookup", self.look_up, methods=["POST"])])

    async def look_up(self, request: Request) -> JSONResponse:
        if self.broken:
            return JSONResponse(BROKEN | {"status": 500}, 500)
        asked = CaseFileLookup.model_validate_json(await request.body())
        found = [
            FoundCaseFile(case_file_id=case_file_id, file_number=number, medium="paper")
            for (authority, number), case_file_id in self.case_files.items()
            if number in asked.file_numbers and asked.keeping_authority in (None, authority)
        ]
        return JSONResponse(FoundCaseFiles(case_files=found).model_dump(mode="json"))


class Documents:
    """Keeps contents in the object store and documents in memory.

    `callers` are the claims of those who asked for sizes. `failures` is how many requests for documents fail before the
    next one is answered, with status `failure`; those of a content in `unreachable` fail with it always.
    """

    def __init__(self, store) -> None:
        self.store = store
        self.sizes: dict[str, int] = {}
        self.made: dict[str, DocumentsRead] = {}
        self.callers: list[dict[str, object]] = []
        self.failures = 0
        self.unreachable: set[str] = set()
        self.failure = 503
        self.app = Starlette(
            routes=[
                Route("/v1/contents:check", self.check, methods=["POST"]),
                Route("/v1/documents", self.make, methods=["POST"]),
            ]
        )

    async def keep(self, content: bytes, tenant: str = "offenbach") -> str:
        async def chunks() -> AsyncIterator[bytes]:
            yield content

        digest = digest_of(content)
        await self.store.write(content_key(tenant, digest), chunks())
        self.sizes[digest] = len(content)
        return digest

    async def check(self, request: Request) -> JSONResponse:
        token = request.headers["authorization"].removeprefix("Bearer ")
        self.callers.append(jwt.decode(token, options={"verify_signature": False}))
        asked = ContentCheck.model_validate_json(await request.body())
        sizes = {content: self.sizes[content] for content in asked.contents if content in self.sizes}
        return JSONResponse(StoredContents(sizes=sizes).model_dump(mode="json"))

    async def make(self, request: Request) -> JSONResponse:
        if self.failures:
            self.failures -= 1
            return JSONResponse(BROKEN | {"status": self.failure}, self.failure)
        asked = NewDocuments.model_validate_json(await request.body())
        if self.unreachable.intersection(wanted.content for wanted in asked.documents):
            return JSONResponse(BROKEN | {"status": self.failure}, self.failure)
        documents = [
            DocumentRead(
                id=new_id(),
                version=1,
                content=wanted.content,
                size_bytes=self.sizes[wanted.content],
                media_type=wanted.media_type,
                page_count=wanted.page_count,
            )
            for wanted in asked.documents
        ]
        made = self.made.setdefault(request.headers["idempotency-key"], DocumentsRead(documents=documents))
        return JSONResponse(made.model_dump(mode="json"), 201)
