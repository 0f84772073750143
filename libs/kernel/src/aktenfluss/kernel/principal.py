"""Who is asking: the verified identity behind a request, an event or a job."""

from dataclasses import dataclass, field
from enum import StrEnum


class Role(StrEnum):
    """What a caller may be; routes allow roles, nothing else."""

    CLERK = "clerk"
    RECORDS_MANAGER = "records-manager"
    INSPECTOR = "inspector"
    AUDITOR = "auditor"
    CONTRACTOR = "contractor"
    VENDOR = "vendor"
    OPERATOR = "operator"
    SERVICE = "service"


@dataclass(frozen=True, slots=True)
class Principal:
    """A verified caller.

    `subject` is the opaque identifier of the identity provider, never a name. `tenant_id` is the authority whose
    records are in reach. `correlation_id` ties together all that one request causes.
    """

    subject: str
    tenant_id: str
    roles: frozenset[Role] = field(default_factory=frozenset)
    correlation_id: str = ""

    @classmethod
    def service(cls, name: str, tenant_id: str, correlation_id: str = "") -> "Principal":
        """Return the principal of a service that acts by itself, in an event handler or a job."""
        return cls(f"service:{name}", tenant_id, frozenset({Role.SERVICE}), correlation_id)
