"""Reads on PostgreSQL: of one tenant for callers, of all tenants for upkeep."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
from sqlalchemy import ARRAY, Integer, Select, Text, and_, bindparam, func, select, tuple_

from aktenfluss.kernel import Principal
from aktenfluss.servicekit import Database, Statement, prepare

from ..domain.content import Content, ContentState
from ..domain.document import Document, Rendition
from ..domain.page_text import PageText, TextState
from ..domain.scrub import InventoryItem, ScrubFinding
from ..domain.upload import Upload
from . import tables
from .repository import content_of
from .tables import content, document_version, page_text, rendition, scrub_finding, upload

MOST_COUNTED = 10_000
_OF_DIGEST = bindparam("digest", type_=Text)
_LIMIT = bindparam("limit", type_=Integer)
CONTENT = prepare(select(content).where(content.c.digest == _OF_DIGEST))
SIZES = prepare(
    select(content.c.digest, content.c.size_bytes).where(
        content.c.digest == func.any(bindparam("digests", type_=ARRAY(Text))), content.c.state == "ok"
    )
)
UPLOAD = prepare(select(upload).where(upload.c.digest == _OF_DIGEST))


def _count_up_to_most(rows: Select[Any]) -> Statement:
    """Return how many rows there are, up to `MOST_COUNTED`: metrics must not cost more as the stock grows."""
    return prepare(select(func.count()).select_from(rows.limit(MOST_COUNTED).subquery()))


_documents = select(document_version).join(
    tables.document,
    and_(
        tables.document.c.tenant_id == document_version.c.tenant_id,
        tables.document.c.id == document_version.c.document_id,
        tables.document.c.version == document_version.c.version,
    ),
)
DOCUMENT = prepare(_documents.where(tables.document.c.id == bindparam("id")))
_without_text = tables.document.c.text_version < tables.document.c.version
UNORDERED_TEXTS = prepare(_documents.where(_without_text).order_by(tables.document.c.id).limit(_LIMIT))
COUNT_UNORDERED_TEXTS = _count_up_to_most(select(tables.document.c.id).where(_without_text))
TEXT = prepare(
    select(page_text).where(
        page_text.c.content == bindparam("of_content"), page_text.c.page == bindparam("page", type_=Integer)
    )
)
TEXTS = prepare(select(page_text.c.page, page_text.c.state).where(page_text.c.content == bindparam("of_content")))
TENANTS_WITH_FAILED_TEXTS = prepare(select(page_text.c.tenant_id).where(page_text.c.state == "failed").distinct())
FAILED_TEXTS = _count_up_to_most(select(page_text.c.page).where(page_text.c.state == "failed"))
RENDITION = prepare(
    select(rendition).where(
        rendition.c.content == bindparam("of_content"),
        rendition.c.page == bindparam("page", type_=Integer),
        rendition.c.profile == bindparam("profile"),
    )
)
_findings = select(scrub_finding).order_by(scrub_finding.c.id.desc()).limit(_LIMIT)
FINDINGS = prepare(_findings)
OPEN_FINDINGS = prepare(select(func.count()).select_from(scrub_finding).where(scrub_finding.c.healed_at.is_(None)))
FINDINGS_BEFORE = prepare(_findings.where(scrub_finding.c.id < bindparam("before")))
_place = (content.c.tenant_id, content.c.digest)
INVENTORY = prepare(
    select(content)
    .where(tuple_(*_place) > tuple_(bindparam("tenant", type_=Text), _OF_DIGEST))
    .order_by(*_place)
    .limit(_LIMIT)
)
STALE_UPLOADS = prepare(select(upload).where(upload.c.updated_at < bindparam("before")))
LIVE_PARTS = prepare(select(func.unnest(upload.c.parts)))


class SqlDocumentsQueries:
    """Implements `DocumentsQueries`; row-level security confines each to the principal's tenant."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def content(self, principal: Principal, digest: str) -> Content | None:
        async with self._database.reading(principal) as tx:
            row = await tx.fetch_one(CONTENT, digest=digest)
        return content_of(row) if row else None

    async def sizes(self, principal: Principal, digests: Sequence[str]) -> dict[str, int]:
        async with self._database.reading(principal) as tx:
            rows = await tx.fetch_all(SIZES, digests=list(digests))
        return {row["digest"]: row["size_bytes"] for row in rows}

    async def upload(self, principal: Principal, digest: str) -> Upload | None:
        async with self._database.reading(principal) as tx:
            row = await tx.fetch_one(UPLOAD, digest=digest)
        return _upload_of(row) if row else None

    async def document(self, principal: Principal, document_id: UUID) -> Document | None:
        async with self._database.reading(principal) as tx:
            row = await tx.fetch_one(DOCUMENT, id=document_id)
        return _document_of(row) if row else None

    async def rendition(self, principal: Principal, of_content: str, page: int, profile: str) -> Rendition | None:
        async with self._database.reading(principal) as tx:
            row = await tx.fetch_one(RENDITION, of_content=of_content, page=page, profile=profile)
        return Rendition(of_content, page, profile, row["digest"], row["size_bytes"]) if row else None

    async def text(self, principal: Principal, of_content: str, page: int) -> PageText | None:
        async with self._database.reading(principal) as tx:
            row = await tx.fetch_one(TEXT, of_content=of_content, page=page)
        return _text_of(row) if row else None

    async def texts(self, principal: Principal, of_content: str) -> Mapping[int, TextState]:
        async with self._database.reading(principal) as tx:
            rows = await tx.fetch_all(TEXTS, of_content=of_content)
        return {row["page"]: TextState(row["state"]) for row in rows}

    async def findings(self, principal: Principal, before: UUID | None, limit: int) -> Sequence[ScrubFinding]:
        async with self._database.reading(principal) as tx:
            if before is None:
                rows = await tx.fetch_all(FINDINGS, limit=limit)
            else:
                rows = await tx.fetch_all(FINDINGS_BEFORE, before=before, limit=limit)
        return [_finding_of(row) for row in rows]


class SqlInventory:
    """Implements `Inventory`, through the maintenance policies of the tables."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def contents(self, after: tuple[str, str], limit: int) -> Sequence[InventoryItem]:
        async with self._database.maintenance() as tx:
            rows = await tx.fetch_all(INVENTORY, tenant=after[0], digest=after[1], limit=limit)
        return [InventoryItem(row["tenant_id"], content_of(row)) for row in rows]

    async def stale_uploads(self, before: datetime) -> Sequence[tuple[str, Upload]]:
        async with self._database.maintenance() as tx:
            rows = await tx.fetch_all(STALE_UPLOADS, before=before)
        return [(row["tenant_id"], _upload_of(row)) for row in rows]

    async def unordered_texts(self, limit: int) -> Sequence[tuple[str, Document]]:
        async with self._database.maintenance() as tx:
            rows = await tx.fetch_all(UNORDERED_TEXTS, limit=limit)
        return [(row["tenant_id"], _document_of(row)) for row in rows]

    async def documents_without_text(self) -> int:
        """Return how many documents wait until their text is ordered, up to `MOST_COUNTED`."""
        return await self._count(COUNT_UNORDERED_TEXTS)

    async def failed_texts(self) -> int:
        """Return how many pages could not be read, up to `MOST_COUNTED`."""
        return await self._count(FAILED_TEXTS)

    async def tenants_with_failed_texts(self) -> Sequence[str]:
        async with self._database.maintenance() as tx:
            rows = await tx.fetch_all(TENANTS_WITH_FAILED_TEXTS)
        return [row["tenant_id"] for row in rows]

    async def live_parts(self) -> set[str]:
        async with self._database.maintenance() as tx:
            rows = await tx.fetch_all(LIVE_PARTS)
        return {row[0] for row in rows}

    async def open_findings(self) -> int:
        """Return how many damaged contents are known and not healed."""
        return await self._count(OPEN_FINDINGS)

    async def _count(self, statement: Statement) -> int:
        async with self._database.maintenance() as tx:
            count: int = await tx.fetch_value(statement)
        return count


def _upload_of(row: asyncpg.Record) -> Upload:
    return Upload(row["digest"], row["total_bytes"], row["received_bytes"], tuple(row["parts"]), row["updated_at"])


def _document_of(row: asyncpg.Record) -> Document:
    return Document(
        row["document_id"],
        row["version"],
        row["content"],
        row["size_bytes"],
        row["media_type"],
        row["page_count"],
        row["stored_at"],
    )


def _text_of(row: asyncpg.Record) -> PageText:
    state = TextState(row["state"])
    return PageText(row["page"], state, row["text"], row["confidence"], row["engine"], row["reason"])


def _finding_of(row: asyncpg.Record) -> ScrubFinding:
    finding = ContentState(row["finding"])
    return ScrubFinding(row["id"], row["content"], finding, row["found_at"], row["healed_at"])
