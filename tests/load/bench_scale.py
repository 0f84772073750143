"""Measures how the cost of the main job grows with the case files: `make bench-scale`."""

import sys
import tempfile
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

from matplotlib.figure import Figure as Picture
from rich.console import Console
from rich.table import Table

from .capacity import needs
from .cluster_scale import CASE_FILES, DOCUMENTS, Point, measure
from .figures import Figure, report
from .processes import ROOT

SCALES, WORKERS = (1, 4, 16), (1, 2, 4)
CONSOLE = Console(width=150)
MOST = 1.1
BAR = f"<= {MOST}"
"""What a document may cost at the largest scale, against the smallest."""
CURVES = {
    "documents_per_second": "documents/s",
    "cpu_ms": "CPU ms per document",
    "lag_p95_ms": "event lag p95, ms",
}


def main(wanted: Sequence[int]) -> int:
    """Measure, print the table, draw the picture, and return 1 where the bar does not hold; `wanted` picks workers."""
    points: dict[int, list[Point]] = defaultdict(list)
    with tempfile.TemporaryDirectory(prefix="aktenfluss-scale-") as name:
        for workers in wanted or WORKERS:
            for point in measure(workers, SCALES, Path(name) / str(workers)):
                points[workers].append(point)
                CONSOLE.print(f"{workers} slots and consumers, {point.scale}x: {point.cpu_ms:.1f} CPU ms per document")
    print_table(points)
    figures = [figure for workers, curve in points.items() for figure in figures_of(workers, curve)]
    code = report([*figures, *needs(point for curve in points.values() for point in curve)], "bench-scale")
    draw(points, ROOT / "build" / "bench-scale.svg")
    return code


def figures_of(workers: int, curve: Sequence[Point]) -> list[Figure]:
    """Return the growth of the cost, which the bar judges, and what the curves show at each size."""
    with_workers = f"with {workers} slots and consumers"
    first, last = curve[0], curve[-1]
    costs = f"{first.cpu_ms:.1f} → {last.cpu_ms:.1f} ms; the same work {first.pace_ms:.2f} → {last.pace_ms:.2f} ms"
    return [
        Figure(f"CPU per document at 16x ÷ at 1x, {with_workers}", growth(curve), "times", costs, BAR, BAR),
        *(
            Figure(
                f"main job at {point.scale}x {with_workers}", point.documents_per_second, "documents/s", told, "", ""
            )
            for point in curve
            for told in [f"CPU {point.cpu_ms:.1f} ms/document; lag p95 {point.lag_p95_ms:.0f} ms"]
        ),
    ]


def growth(curve: Sequence[Point]) -> float:
    """Return what a document costs at the largest scale, against the smallest, at the pace of the cores."""
    return curve[-1].cost / curve[0].cost


def print_table(points: Mapping[int, Sequence[Point]]) -> None:
    title = f"bench-scale: 1x = {CASE_FILES} case files of {DOCUMENTS} documents; CPU at 16x ÷ at 1x {BAR}"
    table = Table(
        "slots, consumers", "size", "case files before", "documents", "documents/s", "CPU ms/document",
        "of it product", "of it servers", "the same work", "event lag p95", "CPU ÷ at 1x", title=title,
    )  # fmt: skip
    for workers, curve in points.items():
        for point in curve:
            times = point.cost / curve[0].cost
            table.add_row(
                f"{workers}", f"{point.scale}x", f"{point.stock_before}", f"{point.documents}",
                f"{point.documents_per_second:.1f}", f"{point.cpu_ms:.1f}", f"{point.product_cpu_ms:.1f}",
                f"{point.server_cpu_ms:.1f}", f"{point.pace_ms:.2f} ms", f"{point.lag_p95_ms:.0f} ms", f"{times:.2f}",
                style="" if times <= MOST else "red",
            )  # fmt: skip
    CONSOLE.print(table)


def draw(points: Mapping[int, Sequence[Point]], target: Path) -> None:
    """Draw a diagram for each of CURVES, with a curve for each number of workers."""
    picture = Picture(figsize=(12, 4), layout="constrained")
    for axes, (name, label) in zip(picture.subplots(1, len(CURVES)), CURVES.items(), strict=True):
        for workers, curve in points.items():
            axes.plot(
                [point.scale * CASE_FILES for point in curve], [getattr(point, name) for point in curve],
                marker="o", label=f"{workers} relay slots and consumers",
            )  # fmt: skip
        axes.set(xlabel="case files in the job", ylabel=label, xscale="log", ylim=(0, None))
        axes.set_xticks([scale * CASE_FILES for scale in SCALES], [f"{scale * CASE_FILES}" for scale in SCALES])
        axes.minorticks_off()
    axes.legend()
    picture.savefig(target)


if __name__ == "__main__":
    sys.exit(main([int(argument) for argument in sys.argv[1:]]))
