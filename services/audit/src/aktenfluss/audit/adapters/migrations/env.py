"""Runs the migrations of `audit`."""

from aktenfluss.servicekit.migrations import run_environment

run_environment()
