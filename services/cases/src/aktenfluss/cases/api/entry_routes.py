"""What is in a case file over HTTP: its entries, and grants to read them."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from aktenfluss.servicekit import Cursors, GuardedRoute, InvalidCursorError, Page, problems

from ..domain.errors import CaseFileNotFoundError, EntryNotFoundError, PageNotFiledError
from ..use_cases.issue_grant import IssueGrant
from ..use_cases.list_entries import ListEntries
from .routes import Reader
from .schemas import FileEntryRead, GrantCreate, GrantRead, ListParameters


def entry_routes(list_some: ListEntries, grant: IssueGrant, cursors: Cursors) -> APIRouter:
    # A grant is a read: asked for again it is recorded again, and lives as long as the first.
    router = APIRouter(route_class=GuardedRoute, tags=["entries"])

    @router.get(
        "/v1/case-files/{case_file_id}/entries",
        summary="List the entries of a case file",
        responses=problems(CaseFileNotFoundError, InvalidCursorError),
    )
    async def list_entries(
        case_file_id: UUID, wanted: Annotated[ListParameters, Query()], principal: Reader
    ) -> Page[FileEntryRead]:
        after = 0 if wanted.cursor is None else position_in(cursors.decode(wanted.cursor))
        shown, goes_on = await list_some(principal, case_file_id, after, wanted.limit)
        return Page(
            items=[FileEntryRead.model_validate(entry) for entry in shown],
            next=cursors.encode({"position": shown[-1].position}) if goes_on else None,
        )

    @router.post(
        "/v1/case-files/{case_file_id}/grants",
        summary="Grant a document or a page",
        description="Decides, records, and answers with a link that needs no token.",
        status_code=201,
        responses=problems(CaseFileNotFoundError, EntryNotFoundError, PageNotFiledError),
    )
    async def issue_grant(case_file_id: UUID, body: GrantCreate, principal: Reader) -> GrantRead:
        return GrantRead.of(await grant(principal, case_file_id, body.wanted()))

    return router


def position_in(content: dict[str, object]) -> int:
    """Return the position behind which the list goes on. Raises InvalidCursorError for the cursor of another list."""
    match content:
        case {"position": int(position)}:
            return position
    raise InvalidCursorError("The cursor is not one of this list.")
