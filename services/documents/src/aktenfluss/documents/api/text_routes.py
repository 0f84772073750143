"""The text of pages over HTTP."""

from uuid import UUID

from fastapi import APIRouter

from aktenfluss.servicekit import IdempotentRoute, problems

from ..domain.errors import DocumentNotFoundError, GrantMismatchError, PageNotFoundError
from ..domain.page_text import TextState
from ..domain.reader import Reader
from ..use_cases.read_text import ReadText
from .document_routes import Fetcher, PageNumber, Peer
from .schemas import PageTextRead, TextProgressRead


def text_routes(read_text: ReadText) -> APIRouter:
    """Return the routes of texts."""
    router = APIRouter(route_class=IdempotentRoute, tags=["documents"])

    @router.get(
        "/v1/documents/{document_id}/pages/{page}/text",
        summary="Read the text of a page, as far as it is recognised",
        responses=problems(DocumentNotFoundError, GrantMismatchError, PageNotFoundError),
    )
    async def read_page_text(document_id: UUID, page: PageNumber, caller: Fetcher) -> PageTextRead:
        return PageTextRead.of(await read_text(Reader(caller.principal, caller.grant), document_id, page))

    @router.get(
        "/v1/documents/{document_id}/text",
        summary="Read how many pages of a document have their text",
        responses=problems(DocumentNotFoundError),
    )
    async def read_text_progress(document_id: UUID, principal: Peer) -> TextProgressRead:
        counts = await read_text.progress(principal, document_id)
        return TextProgressRead(**{state: counts.get(state, 0) for state in TextState})

    return router
