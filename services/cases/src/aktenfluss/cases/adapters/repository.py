"""The aggregates of `cases` inside a transaction, as `domain.ports` asks for them."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlalchemy import Uuid, bindparam, exists, func, select, tuple_, update
from sqlalchemy.dialects.postgresql import ARRAY, insert

from aktenfluss.servicekit import SqlTransaction, prepare

from ..domain.case_file import CaseFile
from ..domain.file_entry import FileEntry
from ..domain.stock_line import FileKey
from .rows import (
    CASE_FILE,
    FILE_ENTRY,
    arrays_of,
    case_file_of,
    case_file_row,
    file_entry_of,
    file_entry_row,
    unnested,
)
from .tables import case_file, file_entry

KEY = ["tenant_id", "keeping_authority", "file_number"]

ADD_CASE_FILE = prepare(insert(case_file).on_conflict_do_nothing(index_elements=KEY))

_new = unnested(case_file.c, "new")
ADD_MISSING = prepare(
    insert(case_file)
    .from_select(case_file.c.keys(), select(*_new.c).order_by(_new.c.keeping_authority, _new.c.file_number))
    .on_conflict_do_nothing(index_elements=KEY)
)

LOCK_CASE_FILE = prepare(select(*CASE_FILE).where(case_file.c.id == bindparam("id")).with_for_update(key_share=True))

_wanted = unnested([case_file.c.keeping_authority, case_file.c.file_number], "wanted")
LOCK_BY_KEY = prepare(
    select(*CASE_FILE)
    .where(tuple_(case_file.c.keeping_authority, case_file.c.file_number).in_(select(*_wanted.c)))
    # Added and locked in one order by everybody, else two imports of the same list would wait for each other.
    .order_by(case_file.c.keeping_authority, case_file.c.file_number)
    .with_for_update(key_share=True)
)

FIXED = {"tenant_id", "id", "keeping_authority", "file_number", "opened_at"}
_changed = unnested([column for column in case_file.c if column.name not in FIXED - {"id"}], "changed")
SAVE_CASE_FILES = prepare(
    update(case_file)
    .where(case_file.c.id == _changed.c.id)
    .values({column.name: column for column in _changed.c if column.name not in FIXED})
)

ADD_ENTRIES = prepare(insert(file_entry).from_select(file_entry.c.keys(), select(*unnested(file_entry.c, "new").c)))

ENTRIES_OF_ORDER_ITEM = prepare(
    select(*FILE_ENTRY)
    .where(file_entry.c.order_item_id == bindparam("order_item_id"))
    .order_by(file_entry.c.case_file_id, file_entry.c.position)
)

FILED_ELSEWHERE = prepare(
    select(exists().where(file_entry.c.document_id == func.any(bindparam("document_ids", type_=ARRAY(Uuid)))))
)


class SqlCaseFileRepository:
    """Case files of one transaction."""

    def __init__(self, tx: SqlTransaction) -> None:
        self._tx = tx
        self._tenant_id = tx.principal.tenant_id

    async def add(self, new: CaseFile) -> bool:
        return await self._tx.execute(ADD_CASE_FILE, **case_file_row(self._tenant_id, new)) == 1

    async def add_missing(self, case_files: Iterable[CaseFile]) -> None:
        rows = [case_file_row(self._tenant_id, one) for one in case_files]
        await self._tx.execute(ADD_MISSING, **arrays_of(rows))

    async def lock(self, case_file_id: UUID) -> CaseFile | None:
        row = await self._tx.fetch_one(LOCK_CASE_FILE, id=case_file_id)
        return None if row is None else case_file_of(row)

    async def lock_by_key(self, keys: Iterable[FileKey]) -> dict[FileKey, CaseFile]:
        wanted = [{"keeping_authority": authority, "file_number": number} for authority, number in keys]
        rows = await self._tx.fetch_all(LOCK_BY_KEY, **arrays_of(wanted))
        return {found.key: found for found in map(case_file_of, rows)}

    async def save(self, case_files: Iterable[CaseFile]) -> None:
        rows = [case_file_row(self._tenant_id, one) for one in case_files]
        await self._tx.execute(SAVE_CASE_FILES, **arrays_of(rows))


class SqlFileEntryRepository:
    """File entries of one transaction."""

    def __init__(self, tx: SqlTransaction) -> None:
        self._tx = tx
        self._tenant_id = tx.principal.tenant_id

    async def add(self, entries: Iterable[FileEntry]) -> None:
        rows = [file_entry_row(self._tenant_id, entry) for entry in entries]
        await self._tx.execute(ADD_ENTRIES, **arrays_of(rows))

    async def of_order_item(self, order_item_id: str) -> list[FileEntry]:
        rows = await self._tx.fetch_all(ENTRIES_OF_ORDER_ITEM, order_item_id=order_item_id)
        return [file_entry_of(row) for row in rows]

    async def filed_elsewhere(self, document_ids: Sequence[UUID]) -> bool:
        return bool(await self._tx.fetch_value(FILED_ELSEWHERE, document_ids=list(document_ids)))
