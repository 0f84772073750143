"""The aggregates of `cases` inside a transaction, as `domain.ports` asks for them."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlalchemy import Text, Uuid, bindparam, exists, func, select, tuple_, update
from sqlalchemy.dialects.postgresql import ARRAY, insert

from aktenfluss.servicekit import SqlTransaction, prepare

from ..domain.case_file import CaseFile
from ..domain.file_entry import FileEntry
from ..domain.stock_line import FileKey
from .rows import CASE_FILE, FILE_ENTRY, case_file_of, case_file_row, file_entry_of, file_entry_row
from .tables import case_file, file_entry

ADD_CASE_FILE = prepare(
    insert(case_file).on_conflict_do_nothing(index_elements=["tenant_id", "keeping_authority", "file_number"])
)

LOCK_CASE_FILE = prepare(select(*CASE_FILE).where(case_file.c.id == bindparam("id")).with_for_update(key_share=True))

_keys = (
    func.unnest(bindparam("authorities", type_=ARRAY(Text)), bindparam("numbers", type_=ARRAY(Text)))
    .table_valued("authority", "number", name="key")
    .render_derived()
)

LOCK_BY_KEY = prepare(
    select(*CASE_FILE)
    .where(
        tuple_(case_file.c.keeping_authority, case_file.c.file_number).in_(select(_keys.c.authority, _keys.c.number))
    )
    # Everybody locks in the same order, else two imports of the same list would wait for each other.
    .order_by(case_file.c.keeping_authority, case_file.c.file_number)
    .with_for_update(key_share=True)
)

_CHANGING = (
    "family_name",
    "given_names",
    "birth_date",
    "medium",
    "version",
    "electronic_at",
    "entry_count",
    "page_count",
    "family_first",
    "given_first",
)

SAVE_CASE_FILE = prepare(
    update(case_file).where(case_file.c.id == bindparam("id")).values({name: bindparam(name) for name in _CHANGING})
)

ADD_ENTRY = prepare(insert(file_entry))

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
        in_order = sorted(case_files, key=lambda one: one.key)  # as LOCK_BY_KEY does
        await self._tx.execute_many(ADD_CASE_FILE, [case_file_row(self._tenant_id, one) for one in in_order])

    async def lock(self, case_file_id: UUID) -> CaseFile | None:
        row = await self._tx.fetch_one(LOCK_CASE_FILE, id=case_file_id)
        return None if row is None else case_file_of(row)

    async def lock_by_key(self, keys: Iterable[FileKey]) -> dict[FileKey, CaseFile]:
        authorities, numbers = zip(*keys, strict=True)
        rows = await self._tx.fetch_all(LOCK_BY_KEY, authorities=authorities, numbers=numbers)
        return {found.key: found for found in map(case_file_of, rows)}

    async def save(self, case_files: Iterable[CaseFile]) -> None:
        await self._tx.execute_many(SAVE_CASE_FILE, [case_file_row(self._tenant_id, one) for one in case_files])


class SqlFileEntryRepository:
    """File entries of one transaction."""

    def __init__(self, tx: SqlTransaction) -> None:
        self._tx = tx
        self._tenant_id = tx.principal.tenant_id

    async def add(self, entries: Iterable[FileEntry]) -> None:
        await self._tx.execute_many(ADD_ENTRY, [file_entry_row(self._tenant_id, entry) for entry in entries])

    async def of_order_item(self, order_item_id: str) -> list[FileEntry]:
        rows = await self._tx.fetch_all(ENTRIES_OF_ORDER_ITEM, order_item_id=order_item_id)
        return [file_entry_of(row) for row in rows]

    async def filed_elsewhere(self, document_ids: Sequence[UUID]) -> bool:
        return bool(await self._tx.fetch_value(FILED_ELSEWHERE, document_ids=list(document_ids)))
