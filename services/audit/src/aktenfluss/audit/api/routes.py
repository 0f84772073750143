"""The HTTP routes of `audit`, for auditors only."""

from typing import Annotated

from fastapi import APIRouter, Query

from aktenfluss.kernel import Principal, Role
from aktenfluss.servicekit import Allow, Cursor, Cursors, GuardedRoute, InvalidCursorError, Page, problems

from ..domain.errors import AuditLogDamagedError
from ..use_cases.list_checkpoints import ListCheckpoints
from ..use_cases.read_records import ChainPlace, ReadRecords
from ..use_cases.verify_own_log import VerifyOwnLog
from .schemas import AuditCheckpointRead, AuditRecordRead, AuditVerificationRead

type Auditor = Annotated[Principal, Allow(Role.AUDITOR)]
type ChainKey = Annotated[str, Query(min_length=1, max_length=200, description="For example the id of a case file.")]
type Limit = Annotated[int, Query(ge=1, le=200)]

NEWEST = (1 << 63) - 1
"""Above every number: where a list begins that runs backwards."""
LIST = problems(InvalidCursorError, AuditLogDamagedError)


def routes(
    read_records: ReadRecords, list_checkpoints: ListCheckpoints, verify_own_log: VerifyOwnLog, cursors: Cursors
) -> APIRouter:
    router = APIRouter(route_class=GuardedRoute)

    @router.get("/v1/audit-records", summary="Who did and read what under one key, step by step", responses=LIST)
    async def list_audit_records(
        key: ChainKey, principal: Auditor, cursor: Cursor | None = None, limit: Limit = 50
    ) -> Page[AuditRecordRead]:
        place = chain_place(cursors, cursor, key) if cursor else await read_records.start(principal, key)
        page = await read_records(principal, place, limit)
        following = page.next and cursors.encode({"chain": key, "after": page.next.after, "until": page.next.until})
        return Page(items=[AuditRecordRead.of(record) for record in page.records], next=following)

    @router.get("/v1/audit-checkpoints", summary="The signed statements about the log, newest first", responses=LIST)
    async def list_audit_checkpoints(
        principal: Auditor, cursor: Cursor | None = None, limit: Limit = 50
    ) -> Page[AuditCheckpointRead]:
        before = checkpoint_number(cursors, cursor) if cursor else NEWEST
        shown, goes_on = await list_checkpoints(principal, before, limit)
        following = cursors.encode({"checkpoint": shown[-1].checkpoint.number}) if goes_on else None
        return Page(items=[AuditCheckpointRead.of(signed) for signed in shown], next=following)

    @router.get(
        "/v1/audit-verification",
        summary="Compute the log of the own authority again and compare",
        description="Takes the longer the longer the log is. Who asks while one runs, for example again after a timeout, "
        "waits for that one and gets its result; what was changed where it had been already, the next one finds.",
    )
    async def read_audit_verification(principal: Auditor) -> AuditVerificationRead:
        return AuditVerificationRead.of(await verify_own_log(principal))

    return router


def chain_place(cursors: Cursors, cursor: str, key: str) -> ChainPlace:
    """Return where the cursor points. Raises InvalidCursorError for that of another list or key."""
    position = cursors.decode(cursor)
    if position.get("chain") != key:
        raise InvalidCursorError("The cursor is not one of this list.")
    return ChainPlace(key, position["after"], position["until"])


def checkpoint_number(cursors: Cursors, cursor: str) -> int:
    number = cursors.decode(cursor).get("checkpoint")
    if not isinstance(number, int):
        raise InvalidCursorError("The cursor is not one of this list.")
    return number
