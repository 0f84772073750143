"""Signs grants with the key that `documents` verifies them with."""

from dataclasses import dataclass
from datetime import timedelta

from aktenfluss.kernel import Clock, Principal
from aktenfluss.servicekit import Grants

from ..domain.file_entry import FileEntry
from ..domain.ports import Grant


@dataclass(frozen=True, slots=True)
class SignedGrantOffice:
    """Implements `GrantOffice`."""

    grants: Grants
    clock: Clock
    lifetime: timedelta

    def issue(self, principal: Principal, entry: FileEntry, page: int | None) -> Grant:
        token = self.grants.issue(
            principal,
            case_file_id=entry.case_file_id,
            document_id=entry.document_id,
            content=entry.content,
            page=page,
            lifetime=self.lifetime,
        )
        # A token counts whole seconds.
        return Grant(token, (self.clock.now() + self.lifetime).replace(microsecond=0))
