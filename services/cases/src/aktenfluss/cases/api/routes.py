"""Case files over HTTP: open, read, change, list."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Body, Query, Request, Response

from aktenfluss.kernel import Principal, Role
from aktenfluss.servicekit import (
    Allow,
    Cursors,
    IdempotentRoute,
    InvalidCursorError,
    Page,
    PreconditionRequiredError,
    etag,
    if_match,
    problems,
)

from ..domain.case_file import CaseFile, CaseFileChanges
from ..domain.errors import CaseFileNotFoundError, FileNumberTakenError, MediumSetBackError, StaleCaseFileError
from ..domain.ports import ListPosition
from ..use_cases.change_case_file import ChangeCaseFile
from ..use_cases.list_case_files import ListCaseFiles
from ..use_cases.open_case_file import OpenCaseFile
from ..use_cases.read_case_file import ReadCaseFile
from .schemas import CaseFileCreate, CaseFileList, CaseFileRead

Reader = Annotated[Principal, Allow(Role.CLERK, Role.RECORDS_MANAGER, Role.INSPECTOR, Role.VENDOR)]
Keeper = Annotated[Principal, Allow(Role.RECORDS_MANAGER, Role.VENDOR)]
MERGE_PATCH = "application/merge-patch+json"
# Described by hand: the framework would answer 422 where the header is missing, and that is 428.
IF_MATCH: dict[str, Any] = {
    "parameters": [
        {
            "name": "If-Match",
            "in": "header",
            "required": True,
            "description": "The ETag of the version that is changed.",
            "schema": {"type": "string", "pattern": '^"(0|[1-9][0-9]{0,17})"$'},
        }
    ]
}


def reading_routes(read_one: ReadCaseFile, list_some: ListCaseFiles, cursors: Cursors) -> APIRouter:
    router = APIRouter(route_class=IdempotentRoute, tags=["case files"])

    @router.get("/v1/case-files", summary="List case files", responses=problems(InvalidCursorError))
    async def list_case_files(wanted: Annotated[CaseFileList, Query()], principal: Reader) -> Page[CaseFileRead]:
        after = None if wanted.cursor is None else position_in(cursors.decode(wanted.cursor))
        shown, goes_on = await list_some(principal, wanted.filter(), after, wanted.limit)
        return Page(
            items=[CaseFileRead.model_validate(case_file) for case_file in shown],
            next=cursors.encode(position_of(shown[-1])) if goes_on else None,
        )

    @router.get(
        "/v1/case-files/{case_file_id}",
        summary="Read a case file",
        response_model=CaseFileRead,
        responses=problems(CaseFileNotFoundError),
    )
    async def read_case_file(case_file_id: UUID, principal: Reader, response: Response) -> CaseFile:
        case_file = await read_one(principal, case_file_id)
        response.headers["ETag"] = etag(case_file.version)
        return case_file

    return router


def writing_routes(open_one: OpenCaseFile, change: ChangeCaseFile) -> APIRouter:
    router = APIRouter(route_class=IdempotentRoute, tags=["case files"])

    @router.post(
        "/v1/case-files",
        summary="Open a case file",
        status_code=201,
        response_model=CaseFileRead,
        responses=problems(FileNumberTakenError),
    )
    async def open_case_file(body: CaseFileCreate, principal: Keeper, response: Response) -> CaseFile:
        opened = await open_one(principal, body)
        response.headers["Location"] = f"/v1/case-files/{opened.id}"
        response.headers["ETag"] = etag(opened.version)
        return opened

    @router.patch(
        "/v1/case-files/{case_file_id}",
        summary="Change a case file",
        description="A merge patch (RFC 7396).",
        openapi_extra=IF_MATCH,
        response_model=CaseFileRead,
        responses=problems(CaseFileNotFoundError, MediumSetBackError, StaleCaseFileError, PreconditionRequiredError),
    )
    async def change_case_file(
        case_file_id: UUID,
        changes: Annotated[CaseFileChanges, Body(media_type=MERGE_PATCH)],
        principal: Keeper,
        request: Request,
        response: Response,
    ) -> CaseFile:
        version = if_match(request.headers.get("if-match"))
        changed = await change(principal, case_file_id, version, changes)
        response.headers["ETag"] = etag(changed.version)
        return changed

    return router


def position_of(case_file: CaseFile) -> dict[str, str]:
    return {"file_number": case_file.file_number, "id": str(case_file.id)}


def position_in(content: dict[str, object]) -> ListPosition:
    """Return where the list goes on. Raises InvalidCursorError for the cursor of another list."""
    match content:
        case {"file_number": str(file_number), "id": str(case_file_id)}:
            return file_number, UUID(case_file_id)
    raise InvalidCursorError("The cursor is not one of this list.")
