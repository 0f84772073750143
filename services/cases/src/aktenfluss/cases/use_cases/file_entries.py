"""Files the documents of an accepted order item into their case file."""

from collections.abc import Sequence
from dataclasses import dataclass

from aktenfluss.contracts.cases import EntriesFiled, FilingRefused
from aktenfluss.contracts.scans import AcceptedDocument, ItemAccepted
from aktenfluss.kernel import Clock, Principal

from ..domain.case_file import CaseFile
from ..domain.file_entry import FileEntry
from ..domain.ports import CasesTransaction, CasesUnitOfWork


@dataclass(frozen=True, slots=True)
class FileEntries:
    """File an order item's documents behind the entries that are there; the case file is electronic then.

    An item is filed once: the same contents again change nothing and publish nothing. What cannot be filed is
    published as refused, with the rule, so that its sender learns of it.
    """

    units: CasesUnitOfWork
    clock: Clock

    async def __call__(self, principal: Principal, item: ItemAccepted) -> None:
        async with self.units.begin(principal) as tx:
            case_file = await tx.case_files.lock(item.case_file_id)
            if case_file is None:
                refuse(tx, item, "unknown-case-file", version=0)
                return
            filed = await tx.entries.of_order_item(item.order_item_id)
            if is_same(filed, item):
                return
            rule = await broken_rule(tx, item.documents, filed)
            if rule:
                refuse(tx, item, rule, version=case_file.version)
                return
            await self._file(tx, case_file, item)

    async def _file(self, tx: CasesTransaction, case_file: CaseFile, item: ItemAccepted) -> None:
        filed, entries = case_file.file(item.order_item_id, item.documents, self.clock.now())
        await tx.case_files.save([filed])
        await tx.entries.add(entries)
        fact = EntriesFiled(
            case_file_id=filed.id,
            order_item_id=item.order_item_id,
            entry_count=len(entries),
            page_count=filed.page_count - case_file.page_count,
        )
        tx.publish(fact, key=filed.id, subject=filed.id, version=filed.version)


def is_same(filed: Sequence[FileEntry], item: ItemAccepted) -> bool:
    """Return whether exactly these contents were filed for the item, in this order and in this case file."""
    there = [(entry.case_file_id, entry.content) for entry in filed]
    return bool(there) and there == [(item.case_file_id, document.content) for document in item.documents]


async def broken_rule(
    tx: CasesTransaction, documents: Sequence[AcceptedDocument], filed: Sequence[FileEntry]
) -> str | None:
    """Return the rule that keeps an item from being filed."""
    if filed:
        return "item-filed-differently"
    if not documents:
        return "no-documents"
    document_ids = [document.document_id for document in documents]
    if len(set(document_ids)) < len(document_ids) or await tx.entries.filed_elsewhere(document_ids):
        return "document-filed-twice"
    return None


def refuse(tx: CasesTransaction, item: ItemAccepted, rule: str, *, version: int) -> None:
    """Publish that the item was not filed; the case file keeps its version."""
    fact = FilingRefused(case_file_id=item.case_file_id, order_item_id=item.order_item_id, rule=rule)
    tx.publish(fact, key=item.case_file_id, subject=item.case_file_id, version=version)
