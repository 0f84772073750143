"""Runs the migrations of `scans`."""

from aktenfluss.servicekit.migrations import run_environment

run_environment()
