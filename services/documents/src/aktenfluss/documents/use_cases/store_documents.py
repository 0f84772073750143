"""Make documents out of stored contents, all or none."""

from collections.abc import Sequence
from dataclasses import dataclass

from aktenfluss.contracts.documents import DocumentsStored, NewDocument
from aktenfluss.kernel import Clock, Principal, new_id

from ..domain.content import Content, ContentState
from ..domain.document import Document
from ..domain.errors import ContentNotStoredError
from ..domain.ports import DocumentsUnitOfWork


@dataclass(frozen=True, slots=True)
class StoreDocuments:
    """Make documents, each with version 1, in the order in which they were asked for."""

    units: DocumentsUnitOfWork
    clock: Clock

    async def __call__(self, principal: Principal, new: Sequence[NewDocument]) -> list[Document]:
        wanted = {item.content for item in new}
        async with self.units.begin(principal) as tx:
            contents = sound(await tx.contents.find_all(list(wanted)))
            if missing := sorted(wanted - contents.keys()):
                raise ContentNotStoredError(f"{len(missing)} contents are not stored", contents=missing)
            now = self.clock.now()
            documents = [
                Document.of(new_id(), contents[item.content], item.media_type, item.page_count, now) for item in new
            ]
            await tx.documents.add_all(documents)
            first = documents[0].id
            tx.publish(
                DocumentsStored(document_ids=[document.id for document in documents]),
                key=first,
                subject=first,
                version=1,
            )
        return documents


def sound(contents: dict[str, Content]) -> dict[str, Content]:
    """Return the contents that are served."""
    return {digest: content for digest, content in contents.items() if content.state is ContentState.OK}
