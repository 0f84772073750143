"""Who reads: a service, or a person with a grant for one thing."""

from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from aktenfluss.kernel import Principal

from .errors import GrantMismatchError


class Grant(Protocol):
    """What `cases` permitted one person to fetch; it decided and recorded why."""

    @property
    def case_file_id(self) -> UUID: ...
    @property
    def document_id(self) -> UUID: ...
    def allows_content(self, content: str) -> bool: ...
    def allows_page(self, document_id: UUID, page: int) -> bool: ...


@dataclass(frozen=True, slots=True)
class Reader:
    """A principal with the grant that he showed; without one he was admitted by his role."""

    principal: Principal
    grant: Grant | None = None

    @property
    def document_id(self) -> UUID | None:
        """The document that the grant was given for."""
        return self.grant.document_id if self.grant else None

    def key(self, otherwise: object) -> object:
        """Return what orders the event of this read: the case file where it is known."""
        return self.grant.case_file_id if self.grant else otherwise

    def check_content(self, digest: str) -> None:
        """Raise GrantMismatchError where the grant was given for something else."""
        if self.grant and not self.grant.allows_content(digest):
            raise GrantMismatchError(f"the grant does not permit to read {digest}")

    def check_page(self, document_id: UUID, page: int) -> None:
        """Raise GrantMismatchError where the grant was given for something else."""
        if self.grant and not self.grant.allows_page(document_id, page):
            raise GrantMismatchError(f"the grant does not permit to read page {page} of document {document_id}")
