"""Many case files at once over HTTP: the import of a stock list, and the look-up of other services."""

from typing import Annotated, Any

from fastapi import APIRouter, Request

from aktenfluss.contracts.cases import FoundCaseFiles
from aktenfluss.kernel import Principal, Role
from aktenfluss.servicekit import Allow, GuardedRoute

from ..domain.stock_line import LINE_LIMIT
from ..domain.stock_list import LineOutcome
from ..use_cases.import_stock_list import ImportStockList
from ..use_cases.list_case_files import LookUpCaseFiles
from .routes import Keeper
from .schemas import CaseFileLookupCreate
from .stock_list_stream import NDJSON, ReportResponse, report_lines, split_lines

ANY_SIZE = 1 << 62
"""The limit of a body that is read line by line and never held."""

DESCRIPTION = f"""\
Takes one case file per line, as for `POST /v1/case-files`, and reports one line per line while it reads: `line`,
`result` (`created`, `updated`, `unchanged` or `rejected`), `case_file_id` and `file_number`, or the `problem`. A line has
at most {LINE_LIMIT} bytes; a bad one does not stop its neighbours. The last line is the `summary`. A report that ends
with a line that has only a `problem` is not complete: import the list again, what is there stays `unchanged`.
"""

NDJSON_BODY: dict[str, Any] = {"requestBody": {"content": {NDJSON: {"schema": {"type": "string", "format": "binary"}}}}}


def stock_list_routes(import_list: ImportStockList, look_up: LookUpCaseFiles) -> APIRouter:
    router = APIRouter(route_class=GuardedRoute, tags=["stock list"])

    @router.post(
        "/v1/case-files:import",
        status_code=200,
        summary="Import a stock list",
        description=DESCRIPTION,
        response_class=ReportResponse,
        openapi_extra=NDJSON_BODY,
        max_body_size=ANY_SIZE,
    )
    async def import_stock_list(request: Request, principal: Keeper) -> ReportResponse:
        outcomes = import_list(principal, split_lines(request.stream(), LINE_LIMIT))
        # What goes wrong before anything is reported still gets an answer of its own.
        first: list[LineOutcome] = await anext(outcomes, [])
        return ReportResponse(report_lines(first, outcomes))

    @router.post("/v1/case-files:lookup", summary="Look case files up by their file numbers")
    async def look_up_case_files(
        body: CaseFileLookupCreate, principal: Annotated[Principal, Allow(Role.SERVICE)]
    ) -> FoundCaseFiles:
        return FoundCaseFiles(case_files=await look_up(principal, body.file_numbers, body.keeping_authority))

    return router
