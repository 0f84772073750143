"""The other services, asked over HTTP in the words of their contracts."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Final
from uuid import UUID

from aktenfluss.contracts.cases import CaseFileLookup, FoundCaseFiles
from aktenfluss.contracts.documents import (
    ContentCheck,
    DocumentsRead,
    NewDocument,
    NewDocuments,
    StoredContents,
)
from aktenfluss.contracts.scans import AcceptedDocument
from aktenfluss.kernel import Digest, Principal
from aktenfluss.servicekit import PeerProblem, Peers, ServiceUnavailableError

from ..domain.inspection import Scan

PDF: Final = "application/pdf"


def acting(principal: Principal) -> Principal:
    """Return this service as the caller: what it asks for, its own callers need not be allowed to."""
    return Principal.service("scans", principal.tenant_id, principal.correlation_id)


class CasesPeer:
    """Implements `CaseFiles` with the service `cases`."""

    def __init__(self, peers: Peers) -> None:
        self._peers = peers

    async def look_up(
        self, principal: Principal, file_numbers: Sequence[str], keeping_authority: str | None
    ) -> Mapping[str, Sequence[UUID]]:
        question = CaseFileLookup(file_numbers=list(file_numbers), keeping_authority=keeping_authority)
        # Without what is not asked: a `cases` of the release before refuses a field that it does not know.
        body = question.model_dump(mode="json", exclude_none=True)
        answer = await self._peers.call("cases", "POST", "/v1/case-files:lookup", acting(principal), json=body)
        ids = defaultdict[str, list[UUID]](list)
        for case_file in FoundCaseFiles.model_validate(answer).case_files:
            ids[case_file.file_number].append(case_file.case_file_id)
        return ids


class DocumentsPeer:
    """Implements `Documents` with the service `documents`."""

    def __init__(self, peers: Peers) -> None:
        self._peers = peers

    async def sizes(self, principal: Principal, contents: Collection[Digest]) -> Mapping[Digest, int]:
        question = ContentCheck(contents=sorted(contents))
        answer = await self._peers.call(
            "documents", "POST", "/v1/contents:check", acting(principal), json=question.model_dump(mode="json")
        )
        return StoredContents.model_validate(answer).sizes

    async def store(self, principal: Principal, scans: Sequence[Scan], *, key: str) -> list[AcceptedDocument]:
        wanted = [NewDocument(content=scan.content, media_type=PDF, page_count=scan.row.page_count) for scan in scans]
        question = NewDocuments(documents=wanted).model_dump(mode="json")
        try:
            answer = await self._peers.call(
                "documents", "POST", "/v1/documents", acting(principal), json=question, idempotency_key=key
            )
        except PeerProblem as exc:
            # The scrub may have found damage since the contents were looked up: the check looks again, later.
            raise ServiceUnavailableError("the documents of an item were not taken") from exc
        return [
            AcceptedDocument(
                document_id=document.id,
                content=document.content,
                size_bytes=document.size_bytes,
                media_type=document.media_type,
                page_count=document.page_count,
            )
            for document in DocumentsRead.model_validate(answer).documents
        ]
