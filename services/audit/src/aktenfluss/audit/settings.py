"""What an operator may set for `audit`."""

from pathlib import Path
from typing import Annotated

from pydantic import Field

from aktenfluss.servicekit import ServiceSettings


class AuditSettings(ServiceSettings):
    """Settings of the audit service."""

    audit_services: Annotated[
        frozenset[str], Field(description="The services whose events are recorded, as JSON; all of them.")
    ] = frozenset({"audit", "cases", "documents", "scans"})
    audit_key_file: Annotated[
        Path | None,
        Field(
            description="PEM file (P-256, mode 0600) of what signs checkpoints, and behind it of what ever did; made at the "
            "first start if unset."
        ),
    ] = None
