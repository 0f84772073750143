"""Runs `documents` as a process of its own: `python -m aktenfluss.documents`."""

from aktenfluss.servicekit import main, program_of

from .service import MIGRATIONS, NAME, build
from .settings import DocumentsSettings

main(program_of(NAME, DocumentsSettings, build, MIGRATIONS))
