"""Runs `scans` as a process of its own: `python -m aktenfluss.scans`."""

from aktenfluss.servicekit import main, program_of

from .service import MIGRATIONS, NAME, build
from .settings import ScansSettings

main(program_of(NAME, ScansSettings, build, MIGRATIONS, peers=("cases", "documents")))
