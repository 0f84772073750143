"""Runs the command line as `python -m aktenfluss.standalone`."""

from .cli import app

app()
