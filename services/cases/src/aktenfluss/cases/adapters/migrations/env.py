"""Runs the migrations of `cases`."""

from aktenfluss.servicekit.migrations import run_environment

run_environment()
