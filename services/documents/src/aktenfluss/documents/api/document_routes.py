"""Documents and their pages over HTTP, and what scrubs found."""

from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Path, Query, Response

from aktenfluss.contracts.documents import DocumentRead, DocumentsRead, NewDocuments
from aktenfluss.kernel import Principal, Role
from aktenfluss.servicekit import Allow, Caller, Cursors, IdempotentRoute, InvalidCursorError, Page, problems

from ..domain.document import Document
from ..domain.errors import (
    ContentDamagedError,
    ContentNotStoredError,
    DocumentNotFoundError,
    GrantMismatchError,
    PageNotFoundError,
    PageNotRenderableError,
)
from ..domain.ports import DocumentsQueries
from ..domain.reader import Reader
from ..use_cases.read_page import ReadPage
from ..use_cases.store_documents import StoreDocuments
from .schemas import ScrubFindingList, ScrubFindingRead

Peer = Annotated[Principal, Allow(Role.SERVICE)]
Fetcher = Annotated[Caller, Allow(Role.SERVICE, grants=True)]
Operator = Annotated[Principal, Allow(Role.OPERATOR)]
PageNumber = Annotated[int, Path(ge=1, le=1_000_000, description="Counted from 1")]
PNG: dict[int | str, dict[str, Any]] = {
    200: {"description": "The page", "content": {"image/png": {"schema": {"type": "string", "format": "binary"}}}}
}
IMAGE_HEADERS = {"Content-Security-Policy": "sandbox", "X-Content-Type-Options": "nosniff"}


@dataclass(frozen=True, slots=True)
class DocumentUseCases:
    """What the routes call."""

    store: StoreDocuments
    read_page: ReadPage
    queries: DocumentsQueries


def document_routes(use_cases: DocumentUseCases, cursors: Cursors) -> APIRouter:
    """Return the routes of documents, pages and findings."""
    router = APIRouter(route_class=IdempotentRoute, tags=["documents"])
    add_document_routes(router, use_cases)
    add_page_route(router, use_cases)
    add_finding_route(router, use_cases, cursors)
    return router


def add_document_routes(router: APIRouter, use_cases: DocumentUseCases) -> None:
    @router.post(
        "/v1/documents",
        summary="Make documents out of stored contents, all or none",
        status_code=201,
        responses=problems(ContentNotStoredError),
    )
    async def store_documents(body: NewDocuments, principal: Peer) -> DocumentsRead:
        documents = await use_cases.store(principal, body.documents)
        return DocumentsRead(documents=[shown(document) for document in documents])

    @router.get(
        "/v1/documents/{document_id}",
        summary="Read what is known of a document",
        responses=problems(DocumentNotFoundError),
    )
    async def read_document(document_id: UUID, principal: Peer) -> DocumentRead:
        document = await use_cases.queries.document(principal, document_id)
        if document is None:
            raise DocumentNotFoundError(f"document {document_id} does not exist")
        return shown(document)


def shown(document: Document) -> DocumentRead:
    """Return the document as other services read it."""
    return DocumentRead.model_validate(document, from_attributes=True)


def add_page_route(router: APIRouter, use_cases: DocumentUseCases) -> None:
    @router.get(
        "/v1/documents/{document_id}/pages/{page}",
        summary="Look at a page, as PNG at 150 dots per inch",
        response_class=Response,
        responses={
            **PNG,
            **problems(
                ContentDamagedError,
                DocumentNotFoundError,
                GrantMismatchError,
                PageNotFoundError,
                PageNotRenderableError,
            ),
        },
    )
    async def read_page(document_id: UUID, page: PageNumber, caller: Fetcher) -> Response:
        image = await use_cases.read_page(Reader(caller.principal, caller.grant), document_id, page)
        return Response(image, 200, IMAGE_HEADERS, "image/png")


def add_finding_route(router: APIRouter, use_cases: DocumentUseCases, cursors: Cursors) -> None:
    @router.get(
        "/v1/scrub-findings",
        summary="List contents that were found damaged, the newest first",
        responses=problems(InvalidCursorError),
    )
    async def list_findings(
        wanted: Annotated[ScrubFindingList, Query()], principal: Operator
    ) -> Page[ScrubFindingRead]:
        before = position_in(cursors.decode(wanted.cursor)) if wanted.cursor else None
        found = await use_cases.queries.findings(principal, before, wanted.limit + 1)
        shown = found[: wanted.limit]
        more = cursors.encode({"finding": str(shown[-1].id)}) if len(found) > wanted.limit else None
        return Page(items=[ScrubFindingRead.of(finding) for finding in shown], next=more)


def position_in(position: dict[str, Any]) -> UUID:
    """Return the finding after which the page begins; a cursor of another list has none."""
    if not isinstance(position.get("finding"), str):
        raise InvalidCursorError("The cursor is not one of this list.")
    return UUID(position["finding"])
