"""What an operator may set where all services run in one process."""

from aktenfluss.audit.settings import AuditSettings
from aktenfluss.cases.settings import CasesSettings
from aktenfluss.documents.settings import DocumentsSettings
from aktenfluss.scans.settings import ScansSettings


class StandaloneSettings(AuditSettings, CasesSettings, DocumentsSettings, ScansSettings):
    """The settings of all services; each reads its own part of the same environment."""
