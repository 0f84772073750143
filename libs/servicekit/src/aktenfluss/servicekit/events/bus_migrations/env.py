"""Runs the migrations of the postgres bus."""

from aktenfluss.servicekit.migrations import run_environment

run_environment()
