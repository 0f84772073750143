"""The repositories on PostgreSQL."""

from collections.abc import Sequence
from datetime import datetime

import asyncpg
from sqlalchemy import ARRAY, BigInteger, Integer, Text, bindparam, delete, func, insert, select, update
from sqlalchemy.dialects import postgresql

from aktenfluss.servicekit import SqlTransaction, prepare

from ..domain.content import Content, ContentState
from ..domain.document import Document, Rendition
from ..domain.page_text import TEXT_JOB, TEXT_QUEUE, PageText, TextUnit
from ..domain.scrub import ScrubFinding
from ..domain.upload import Upload
from . import tables
from .tables import content, page_text, rendition, scrub_finding, upload

_DIGESTS = bindparam("digests", type_=ARRAY(Text))
_put_content = postgresql.insert(content)
PUT_CONTENT = prepare(
    # Only a damaged content is written again: so a row comes back where it is new or healed.
    _put_content.on_conflict_do_update(
        index_elements=[content.c.tenant_id, content.c.digest],
        set_={
            "state": _put_content.excluded.state,
            "blake3_blocks": _put_content.excluded.blake3_blocks,
            "stored_at": _put_content.excluded.stored_at,
            "version": content.c.version + 1,
        },
        where=content.c.state != _put_content.excluded.state,
    ).returning(content.c.version)
)
CHANGE_STATE = prepare(
    update(content)
    .where(content.c.digest == bindparam("of_digest"), content.c.state != bindparam("to_state"))
    .values(state=bindparam("to_state"), version=content.c.version + 1)
    .returning(content.c.version)
)
CONTENTS = prepare(select(content).where(content.c.digest == func.any(_DIGESTS)))
INSERT_UPLOAD = prepare(postgresql.insert(upload).on_conflict_do_nothing())
UPDATE_UPLOAD = prepare(
    update(upload)
    .where(
        upload.c.digest == bindparam("of_digest"),
        upload.c.total_bytes == bindparam("expected_total", type_=BigInteger),
        upload.c.received_bytes == bindparam("expected_received", type_=BigInteger),
    )
    .values(
        total_bytes=bindparam("new_total", type_=BigInteger),
        received_bytes=bindparam("new_received", type_=BigInteger),
        parts=bindparam("new_parts", type_=ARRAY(Text)),
        updated_at=bindparam("now"),
    )
)
DROP_UPLOAD = prepare(delete(upload).where(upload.c.digest == bindparam("of_digest")))
DROP_STALE_UPLOAD = prepare(
    delete(upload).where(upload.c.digest == bindparam("of_digest"), upload.c.updated_at < bindparam("before"))
)
INSERT_DOCUMENT = prepare(insert(tables.document))
INSERT_VERSION = prepare(insert(tables.document_version))
_put_rendition = postgresql.insert(rendition)
PUT_RENDITION = prepare(
    _put_rendition.on_conflict_do_update(
        index_elements=[rendition.c.tenant_id, rendition.c.content, rendition.c.page, rendition.c.profile],
        set_={"digest": _put_rendition.excluded.digest, "size_bytes": _put_rendition.excluded.size_bytes},
    )
)
MARK_ORDERED = prepare(
    update(tables.document)
    .where(
        tables.document.c.id == bindparam("of_document"),
        tables.document.c.text_version < bindparam("to_version", type_=Integer),
    )
    .values(text_version=bindparam("to_version", type_=Integer))
)
FORGET_FAILED = prepare(delete(page_text).where(page_text.c.state == "failed").returning(page_text.c.content))
WAIT_AGAIN = prepare(
    update(tables.document)
    .where(
        tables.document.c.id.in_(
            select(tables.document_version.c.document_id).where(tables.document_version.c.content == func.any(_DIGESTS))
        )
    )
    .values(text_version=0)
)
_put_text = postgresql.insert(page_text)
PUT_TEXT = prepare(
    _put_text.on_conflict_do_update(
        index_elements=[page_text.c.tenant_id, page_text.c.content, page_text.c.page],
        set_={name: _put_text.excluded[name] for name in ("state", "text", "confidence", "engine", "reason")},
    )
)
INSERT_FINDING = prepare(insert(scrub_finding))
HEAL_FINDINGS = prepare(
    update(scrub_finding)
    .where(scrub_finding.c.content == bindparam("of_content"), scrub_finding.c.healed_at.is_(None))
    .values(healed_at=bindparam("now"))
)


def content_of(row: asyncpg.Record) -> Content:
    """Return the content of a row of `content`."""
    state = ContentState(row["state"])
    return Content(row["digest"], row["size_bytes"], row["stored_at"], state, row["blake3_blocks"])


class Repository:
    """What the repositories of a transaction share."""

    def __init__(self, tx: SqlTransaction) -> None:
        self._tx = tx
        self._tenant_id = tx.principal.tenant_id


class SqlContentRepository(Repository):
    """Implements `ContentRepository`."""

    async def put(self, new: Content) -> int | None:
        version: int | None = await self._tx.fetch_value(
            PUT_CONTENT,
            tenant_id=self._tenant_id,
            digest=new.digest,
            size_bytes=new.size_bytes,
            state=new.state,
            blake3_blocks=new.block_digests,
            version=1,
            stored_at=new.stored_at,
        )
        return version

    async def change_state(self, digest: str, state: ContentState) -> int | None:
        version: int | None = await self._tx.fetch_value(CHANGE_STATE, of_digest=digest, to_state=state)
        return version

    async def find_all(self, digests: Sequence[str]) -> dict[str, Content]:
        rows = await self._tx.fetch_all(CONTENTS, digests=list(digests))
        return {row["digest"]: content_of(row) for row in rows}


class SqlUploadRepository(Repository):
    """Implements `UploadRepository`."""

    async def save(self, new: Upload, *, expected: Upload | None) -> bool:
        if expected is None:
            count = await self._tx.execute(
                INSERT_UPLOAD,
                tenant_id=self._tenant_id,
                digest=new.digest,
                total_bytes=new.total_bytes,
                received_bytes=new.received_bytes,
                parts=list(new.parts),
                updated_at=new.updated_at,
            )
        else:
            count = await self._tx.execute(
                UPDATE_UPLOAD,
                of_digest=new.digest,
                expected_total=expected.total_bytes,
                expected_received=expected.received_bytes,
                new_total=new.total_bytes,
                new_received=new.received_bytes,
                new_parts=list(new.parts),
                now=new.updated_at,
            )
        return count == 1

    async def drop(self, digest: str) -> None:
        await self._tx.execute(DROP_UPLOAD, of_digest=digest)

    async def drop_stale(self, digest: str, before: datetime) -> bool:
        return await self._tx.execute(DROP_STALE_UPLOAD, of_digest=digest, before=before) == 1


class SqlDocumentRepository(Repository):
    """Implements `DocumentRepository`."""

    async def add_all(self, documents: Sequence[Document]) -> None:
        tenant_id = self._tenant_id
        rows = [{"tenant_id": tenant_id, "id": new.id, "version": new.version, "text_version": 0} for new in documents]
        await self._tx.execute_many(INSERT_DOCUMENT, rows)
        await self._tx.execute_many(INSERT_VERSION, [_version_row(tenant_id, new) for new in documents])


def _version_row(tenant_id: str, new: Document) -> dict[str, object]:
    return {
        "tenant_id": tenant_id,
        "document_id": new.id,
        "version": new.version,
        "content": new.content,
        "size_bytes": new.size_bytes,
        "media_type": new.media_type,
        "page_count": new.page_count,
        "stored_at": new.stored_at,
    }


class SqlRenditionRepository(Repository):
    """Implements `RenditionRepository`."""

    async def put(self, new: Rendition) -> None:
        await self._tx.execute(
            PUT_RENDITION,
            tenant_id=self._tenant_id,
            content=new.content,
            page=new.page,
            profile=new.profile,
            digest=new.digest,
            size_bytes=new.size_bytes,
        )


class SqlTextRepository(Repository):
    """Implements `TextRepository`."""

    async def mark_ordered(self, document: Document) -> bool:
        return await self._tx.execute(MARK_ORDERED, of_document=document.id, to_version=document.version) == 1

    async def order(self, unit: TextUnit) -> None:
        arguments = {"tenant_id": self._tenant_id, "content": unit.content, "first": unit.first, "last": unit.last}
        await self._tx.defer(TEXT_JOB, arguments, queue=TEXT_QUEUE)

    async def put(self, of_content: str, text: PageText) -> None:
        await self._tx.execute(
            PUT_TEXT,
            tenant_id=self._tenant_id,
            content=of_content,
            page=text.page,
            state=text.state,
            text=text.text,
            confidence=text.confidence,
            engine=text.engine,
            reason=text.reason,
        )

    async def forget_failed(self) -> int:
        contents = [row["content"] for row in await self._tx.fetch_all(FORGET_FAILED)]
        await self._tx.execute(WAIT_AGAIN, digests=contents)
        return len(contents)


class SqlFindingRepository(Repository):
    """Implements `FindingRepository`."""

    async def add(self, finding: ScrubFinding) -> None:
        await self._tx.execute(
            INSERT_FINDING,
            tenant_id=self._tenant_id,
            id=finding.id,
            content=finding.content,
            finding=finding.finding,
            found_at=finding.found_at,
            healed_at=finding.healed_at,
        )

    async def heal(self, healed: str, healed_at: datetime) -> None:
        await self._tx.execute(HEAL_FINDINGS, of_content=healed, now=healed_at)
