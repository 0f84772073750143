"""The problems of `audit`."""

from typing import ClassVar

from aktenfluss.kernel import Kind, Problem


class AuditLogDamagedError(Problem):
    """The audit log does not continue what its latest checkpoint states, so no further checkpoint is made.

    Way out: run `aktenfluss audit verify`; it names the first bad record. Keep the database and the object store as
    they are, compare with a backup, and find out who changed them. Where a key is missing, nothing needs to be damaged: put
    its public half behind the key in `audit.pem`.
    """

    slug: ClassVar[str] = "audit-log-damaged"
    title: ClassVar[str] = "Audit log damaged"
    kind: ClassVar[Kind] = Kind.INTERNAL
