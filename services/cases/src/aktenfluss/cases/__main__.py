"""Runs `cases` as a process of its own: `python -m aktenfluss.cases`."""

from aktenfluss.servicekit import main, program_of

from .service import MIGRATIONS, NAME, build
from .settings import CasesSettings

main(program_of(NAME, CasesSettings, build, MIGRATIONS))
