"""Runs `gateway` as a process of its own: `python -m aktenfluss.gateway`."""

from aktenfluss.servicekit import Program, ServiceSettings, main

from .service import NAME, join

main(Program(NAME, ServiceSettings, {}, join))
