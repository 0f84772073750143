"""What installations of three sizes need, counted from what a document costs in `make bench-scale`."""

from collections.abc import Iterable
from typing import NamedTuple

from .cluster_scale import Point
from .figures import Figure

SHIFT_SECONDS = 8 * 3600
SHEETS_PER_DOCUMENT = 7
"""As in the scans of `make demo`."""
SPARE = 2
"""So many times what is needed, so that half of the machines may fail."""
EVENTS_PER_STEP = 10
"""A step of a case: the reads before it, which are recorded, and the changes."""


class Size(NamedTuple):
    """What an installation has to do in a day's shift."""

    name: str
    sheets: int
    steps: int


SIZES = (
    Size("a small town that is scanned in six weeks", 10_000, 60),
    Size("a city that is scanned in six weeks", 97_000, 600),
    Size("a data centre with 400 authorities, ten cities of which are scanned", 970_000, 240_000),
)


def needs(points: Iterable[Point]) -> list[Figure]:
    """Return the cores that the scanning of each size keeps busy, where each document costs as much as the dearest here."""
    cost_ms = max(point.cpu_ms for point in points)
    return [needed(size, cost_ms) for size in SIZES]


def needed(size: Size, cost_ms: float) -> Figure:
    documents = size.sheets / SHEETS_PER_DOCUMENT / SHIFT_SECONDS
    told = (
        f"{size.sheets:,} sheets a day: {documents:.2f} documents/s of {cost_ms:.1f} ms, times {SPARE}; "
        f"text of {size.sheets / SHIFT_SECONDS:.1f} pages/s; {size.steps * EVENTS_PER_STEP / SHIFT_SECONDS:.1f} events/s"
    )
    return Figure(f"scanning of {size.name}", documents * cost_ms / 1000 * SPARE, "cores", told, "", "")
