"""Runs the command line as `python -m aktenfluss.delivery`."""

from .cli import app

app(prog_name="aktenfluss-delivery")
