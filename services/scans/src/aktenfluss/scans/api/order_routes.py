"""Scan orders over HTTP."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response
from fastapi.responses import StreamingResponse

from aktenfluss.kernel import Principal, Role
from aktenfluss.servicekit import Allow, Cursor, Cursors, IdempotentRoute, InvalidCursorError, Page, etag, problems

from ..domain.errors import (
    AmbiguousFileNumbersError,
    CaseFilesAlreadyOrderedError,
    ScanOrderNotFoundError,
    UnknownFileNumbersError,
)
from ..domain.order_item import ItemState
from ..domain.ports import ScanQueries
from ..use_cases.list_order_items import ListOrderItems
from ..use_cases.open_scan_order import OpenScanOrder
from ..use_cases.print_lead_sheets import PrintLeadSheets
from .paging import Listing
from .schemas import OrderItemRead, ReconciliationRead, ScanOrderCreate, ScanOrderRead

Limit = Annotated[int, Query(ge=1, le=200)]
Manager = Annotated[Principal, Allow(Role.RECORDS_MANAGER)]
Reader = Annotated[Principal, Allow(Role.RECORDS_MANAGER, Role.INSPECTOR, Role.CLERK)]


@dataclass(frozen=True, slots=True)
class OrderUseCases:
    """What the routes of orders call."""

    open: OpenScanOrder
    list_items: ListOrderItems
    print_lead_sheets: PrintLeadSheets
    queries: ScanQueries


def order_routes(use_cases: OrderUseCases, cursors: Cursors) -> APIRouter:
    """Return the routes of scan orders."""
    router = APIRouter(route_class=IdempotentRoute, tags=["scan orders"])
    _add_order_routes(router, use_cases, cursors)
    _add_item_routes(router, use_cases, cursors)
    return router


def _add_order_routes(router: APIRouter, use_cases: OrderUseCases, cursors: Cursors) -> None:
    @router.post(
        "/v1/scan-orders",
        status_code=201,
        summary="Open a scan order",
        responses=problems(UnknownFileNumbersError, AmbiguousFileNumbersError, CaseFilesAlreadyOrderedError),
    )
    async def open_scan_order(body: ScanOrderCreate, principal: Manager) -> ScanOrderRead:
        order = await use_cases.open(principal, body.name, body.file_numbers, body.keeping_authority)
        return ScanOrderRead.of(order)

    @router.get("/v1/scan-orders", summary="List scan orders, the latest first", responses=problems(InvalidCursorError))
    async def list_scan_orders(
        principal: Reader, limit: Limit = 50, cursor: Cursor | None = None
    ) -> Page[ScanOrderRead]:
        listing = Listing(cursors, "scan-orders")
        last = listing.position(cursor)
        found = await use_cases.queries.orders(principal, before=UUID(last) if last else None, limit=limit + 1)
        return listing.page(found, limit, ScanOrderRead.of)

    @router.get(
        "/v1/scan-orders/{scan_order_id}", summary="Read a scan order", responses=problems(ScanOrderNotFoundError)
    )
    async def read_scan_order(scan_order_id: UUID, principal: Reader, response: Response) -> ScanOrderRead:
        order = await use_cases.queries.order(principal, scan_order_id)
        response.headers["ETag"] = etag(order.version)
        return ScanOrderRead.of(order)


def _add_item_routes(router: APIRouter, use_cases: OrderUseCases, cursors: Cursors) -> None:
    @router.get(
        "/v1/scan-orders/{scan_order_id}/items",
        summary="List the items of a scan order",
        responses=problems(ScanOrderNotFoundError, InvalidCursorError),
    )
    async def list_items(
        scan_order_id: UUID,
        principal: Reader,
        state: ItemState | None = None,
        limit: Limit = 50,
        cursor: Cursor | None = None,
    ) -> Page[OrderItemRead]:
        listing = Listing(cursors, f"items/{scan_order_id}")
        after = listing.position(cursor) or ""
        found = await use_cases.list_items(principal, scan_order_id, state=state, after=after, limit=limit)
        return listing.page(found, limit, OrderItemRead.of)

    @router.get(
        "/v1/scan-orders/{scan_order_id}/lead-sheets.pdf",
        summary="Print the lead sheets of a scan order",
        response_class=StreamingResponse,
        responses=problems(ScanOrderNotFoundError) | {200: {"content": {"application/pdf": {}}}},
    )
    async def print_lead_sheets(scan_order_id: UUID, principal: Manager) -> StreamingResponse:
        pieces = await use_cases.print_lead_sheets(principal, scan_order_id)
        return StreamingResponse(pieces, media_type="application/pdf")

    @router.get(
        "/v1/scan-orders/{scan_order_id}/reconciliation",
        summary="Balance a scan order",
        responses=problems(ScanOrderNotFoundError),
    )
    async def read_reconciliation(scan_order_id: UUID, principal: Reader) -> ReconciliationRead:
        return ReconciliationRead.of(scan_order_id, await use_cases.queries.reconciliation(principal, scan_order_id))
