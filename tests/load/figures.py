"""Figures with their control, bar and goal: a table for people, a list for machines."""

import json
import operator
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

COMPARE = {"<=": operator.le, ">=": operator.ge}


@dataclass(frozen=True)
class Figure:
    """One measured number; `measured` is what the bar and the goal judge, `control` what was measured beside it."""

    figure: str
    measured: float
    unit: str
    control: str
    bar: str
    goal: str

    @property
    def holds(self) -> bool:
        return meets(self.measured, self.bar)


def meets(measured: float, bound: str) -> bool:
    """Return whether `measured` meets a bound such as `<= 2.0`; none is met by everything."""
    if not bound:
        return True
    comparison, value = bound.split()
    return COMPARE[comparison](measured, float(value))


def measure_parts(parts: Mapping[str, Callable[[Path], list[Figure]]], wanted: Sequence[str], target: str) -> int:
    """Measure in fresh folders all parts, or those that are wanted, and report."""
    (Path(__file__).parents[2] / "build").mkdir(exist_ok=True)
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory(prefix="aktenfluss-bench-") as name:
        for part, measure in parts.items():
            if not wanted or part in wanted:
                figures += measure(Path(name) / part)
    return report(figures, target)


def report(figures: list[Figure], target: str) -> int:
    """Print the table, write `build/<target>.json`, and return 1 where a bar does not hold."""
    table = Table("figure", "measured", "unit", "control", "bar", "goal", title=target)
    for figure in figures:
        style = "red" if not figure.holds else "green" if meets(figure.measured, figure.goal) else ""
        table.add_row(
            figure.figure, f"{figure.measured:.4g}", figure.unit, figure.control, figure.bar, figure.goal, style=style
        )
    Console(width=150).print(table)
    folder = Path(__file__).parents[2] / "build"
    folder.mkdir(exist_ok=True)
    (folder / f"{target}.json").write_text(json.dumps([asdict(figure) for figure in figures], indent=1) + "\n")
    return 0 if all(figure.holds for figure in figures) else 1
