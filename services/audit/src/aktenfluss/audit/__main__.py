"""Runs `audit` as a process of its own: `python -m aktenfluss.audit`."""

from aktenfluss.servicekit import main, program_of

from .service import MIGRATIONS, NAME, build
from .settings import AuditSettings

main(program_of(NAME, AuditSettings, build, MIGRATIONS))
