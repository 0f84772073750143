"""Alembic's entry."""

from aktenfluss.servicekit.migrations import run_environment

run_environment()
