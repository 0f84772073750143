"""Deliveries over HTTP: announced by digest, declared complete, read until they are checked."""

from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import APIRouter, Response

from aktenfluss.delivery import InvalidDeliveryError
from aktenfluss.kernel import Digest, Principal, Role
from aktenfluss.servicekit import Allow, IdempotentRoute, problems

from ..domain.delivery import Manifest
from ..domain.errors import (
    ContentsMissingError,
    DeliveryDigestMismatchError,
    DeliveryNotFoundError,
    DeliverySupersededError,
    UnknownScanOrderError,
    UnknownSupersededDeliveryError,
)
from ..use_cases.announce_delivery import AnnounceDelivery
from ..use_cases.complete_delivery import CompleteDelivery
from ..use_cases.read_delivery_state import ReadDeliveryState
from .schemas import DeliveryComplete, DeliveryCreate, DeliveryRead, DeliveryStateRead

MANIFEST_LIMIT: Final = 32 << 20
"""Bytes of an announcement: 20,000 files take about 8 MB, in the manifest and in the index."""
Contractor = Annotated[Principal, Allow(Role.CONTRACTOR)]
Reader = Annotated[Principal, Allow(Role.CONTRACTOR, Role.RECORDS_MANAGER, Role.INSPECTOR)]


@dataclass(frozen=True, slots=True)
class DeliveryUseCases:
    """What the routes of deliveries call."""

    announce: AnnounceDelivery
    complete: CompleteDelivery
    read: ReadDeliveryState


def delivery_routes(use_cases: DeliveryUseCases) -> APIRouter:
    """Return the routes of deliveries."""
    router = APIRouter(route_class=IdempotentRoute, tags=["deliveries"])

    @router.put(
        "/v1/deliveries/{delivery}",
        max_body_size=MANIFEST_LIMIT,
        summary="Announce a delivery",
        responses={
            201: {"model": DeliveryRead, "description": "The delivery is new."},
            **problems(
                InvalidDeliveryError, DeliveryDigestMismatchError, UnknownScanOrderError, UnknownSupersededDeliveryError
            ),
        },
    )
    async def announce_delivery(
        delivery: Digest, body: DeliveryCreate, principal: Contractor, response: Response
    ) -> DeliveryRead:
        is_new = await use_cases.announce(principal, delivery, Manifest(body.tag_files, body.index))
        response.status_code = 201 if is_new else 200
        return DeliveryRead.of(*await use_cases.read(principal, delivery))

    @router.post(
        "/v1/deliveries/{delivery}:complete",
        status_code=202,
        summary="Declare a delivery complete",
        responses=problems(DeliveryNotFoundError, ContentsMissingError, DeliverySupersededError, InvalidDeliveryError),
    )
    async def complete_delivery(
        delivery: Digest, principal: Contractor, body: DeliveryComplete | None = None
    ) -> DeliveryStateRead:
        accept_missing = body is not None and body.accept_missing
        state = await use_cases.complete(principal, delivery, accept_missing=accept_missing)
        return DeliveryStateRead(delivery=delivery, state=state)

    @router.get("/v1/deliveries/{delivery}", summary="Read a delivery", responses=problems(DeliveryNotFoundError))
    async def read_delivery(delivery: Digest, principal: Reader) -> DeliveryRead:
        return DeliveryRead.of(*await use_cases.read(principal, delivery))

    return router
