"""A scratch app on the kit: boxes with a label, some of them lost."""

import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, ClassVar

import httpx
import pytest
from fastapi import APIRouter, Header, Request, Response
from fastapi.responses import StreamingResponse
from prometheus_client import CollectorRegistry

from aktenfluss.kernel import Kind, Principal, Problem, Role
from aktenfluss.servicekit import ServiceUnavailableError, StorageFullError
from aktenfluss.servicekit.http import (
    Allow,
    Api,
    Caller,
    GuardedRoute,
    IdempotentRoute,
    JsonModel,
    Public,
    etag,
    if_match,
    problems,
)
from aktenfluss.servicekit.identity import EmbeddedIssuer, Grants, TokenVerifier
from aktenfluss.servicekit.tracing import UNTRACED, Tracing
from aktenfluss.testkit import FixedClock


class BoxLostError(Problem):
    """The box is not on its shelf.

    Way out: look under the shelf.
    """

    slug: ClassVar[str] = "box-lost"
    title: ClassVar[str] = "Box lost"
    kind: ClassVar[Kind] = Kind.NOT_FOUND


class Side(JsonModel):
    text: str


class Box(JsonModel):
    label: str
    number: int = 0
    sides: tuple[Side, ...] = ()
    remarks: dict[str, Any] | None = None


@dataclass
class Parts:
    """What an app needs, without a database unless a test gives one."""

    issuer: EmbeddedIssuer
    verifier: TokenVerifier
    grants: Grants
    registry: CollectorRegistry = field(default_factory=CollectorRegistry)
    database: Any = None
    tracing: Tracing = UNTRACED

    def as_(self, *roles: Role, tenant: str = "offenbach", subject: str = "clerk:1") -> dict[str, str]:
        return {"Authorization": f"Bearer {self.issuer.mint(subject, tenant, roles)}"}


@pytest.fixture
def parts(tmp_path: Path, clock: FixedClock) -> Parts:
    issuer = EmbeddedIssuer.open(tmp_path, clock)
    return Parts(issuer, TokenVerifier([issuer.trusted], clock), Grants([secrets.token_bytes(32)], clock))


Clerk = Annotated[Principal, Allow(Role.CLERK)]


PASSING: dict[int, type[Problem]] = {6: StorageFullError, 7: ServiceUnavailableError}


def box_routes() -> APIRouter:
    router = APIRouter(route_class=IdempotentRoute)

    @router.post("/v1/boxes", status_code=201)
    async def add_box(box: Box, principal: Clerk, limit: int = 5) -> Box:
        return box

    @router.get("/v1/boxes/{number}", responses=problems(BoxLostError))
    async def read_box(number: int, principal: Clerk, request: Request) -> Response:
        if number == 9:
            raise BoxLostError("Box 9 is not on its shelf.", shelf="A")
        if number in PASSING:
            raise PASSING[number]("not now")
        if number == 8:
            raise RuntimeError("Erika Mustermann broke it")
        return Response(f"{principal.subject} {principal.tenant_id} {principal.correlation_id}")

    @router.patch("/v1/boxes/{number}")
    async def change_box(
        number: int,
        principal: Clerk,
        response: Response,
        version: Annotated[str | None, Header(alias="If-Match")] = None,
    ) -> Box:
        response.headers["ETag"] = etag(if_match(version) + 1)
        return Box(label="changed", number=number)

    @router.post("/v1/boxes/{number}:close")
    async def close_box(number: int, principal: Clerk) -> int:
        return number

    @router.get("/v1/contents/{digest}")
    async def read_content(digest: str, caller: Annotated[Caller, Allow(Role.SERVICE, grants=True)]) -> str:
        return "grant" if caller.grant is not None else caller.principal.subject

    @router.get("/v1/notice", dependencies=[Public("everybody may read it")])
    async def read_notice() -> str:
        return "opening hours"

    return router


def upload_routes() -> APIRouter:
    router = APIRouter(route_class=GuardedRoute)

    @router.put("/v1/contents", max_body_size=3 << 20)
    async def write_content(request: Request, principal: Clerk) -> int:
        return sum([len(chunk) async for chunk in request.stream()])

    @router.get("/v1/broken-stream")
    async def read_broken(principal: Clerk) -> StreamingResponse:
        async def chunks() -> AsyncIterator[bytes]:
            yield b"half"
            raise RuntimeError("the other half is lost")

        return StreamingResponse(chunks())

    return router


@pytest.fixture
def api(parts: Parts) -> Api:
    api = Api(name="boxes", title="Boxes", description="Where the boxes are.", resources=parts, version="1.2.0")
    api.include(box_routes())
    api.include(upload_routes())
    return api


@pytest.fixture
async def client(api: Api, parts: Parts) -> AsyncIterator[httpx.AsyncClient]:
    """Give a client of the app that is a clerk."""
    transport = httpx.ASGITransport(api.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://boxes", headers=parts.as_(Role.CLERK)) as client:
        yield client
