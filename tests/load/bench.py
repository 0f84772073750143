"""Measures every figure of the one-process shape and holds it against its bar: `make bench`."""

import asyncio
import sys
from collections.abc import Callable
from pathlib import Path

from aktenfluss.kernel import SystemClock
from aktenfluss.servicekit import EmbeddedIssuer
from aktenfluss.standalone.commands.demonstration import demo_tokens

from . import content_push, event_lag, requests_cpu, whole_process
from .figures import Figure, measure_parts
from .main_job import measure_main_job
from .processes import product, server


def main_job(folder: Path) -> list[Figure]:
    data = folder / "data"
    with server(*product(data)) as process:
        tokens = demo_tokens(EmbeddedIssuer.open(data.absolute() / "keys", SystemClock()))
        result = asyncio.run(measure_main_job(process.base_url, tokens, folder))
    control = f"hash and fsync alone {result.control_per_second:.0f}/s"
    return [Figure("main job, pushed to filed", result.documents_per_second, "documents/s", control, ">= 60", ">= 120")]


PARTS: dict[str, Callable[[Path], list[Figure]]] = {
    "requests": requests_cpu.measure,
    "contents": content_push.measure,
    "job": main_job,
    "lag": event_lag.measure,
    "whole": whole_process.measure,
}

if __name__ == "__main__":
    sys.exit(measure_parts(PARTS, sys.argv[1:], "bench"))
