"""Runs the migrations of the scratch service."""

from aktenfluss.servicekit.migrations import run_environment

run_environment()
