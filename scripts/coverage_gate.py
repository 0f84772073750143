"""Print the coverage of each member from the last test run; exits 1 below 90 % of the branches or of the lines."""

import io
import json
import sys
from collections import defaultdict
from pathlib import Path, PurePath

from coverage import Coverage

GATE = 90
COUNTS = ("num_statements", "covered_lines", "num_branches", "covered_branches")
type Counts = dict[str, int]


def read_counts(report: Path) -> dict[str, Counts]:
    """Return the counts of each member, `libs/kernel` for example."""
    members: dict[str, Counts] = defaultdict(lambda: dict.fromkeys(COUNTS, 0))
    for file, found in json.loads(report.read_text())["files"].items():
        member = "/".join(PurePath(file).parts[:2])
        for count in COUNTS:
            members[member][count] += found["summary"][count]
    return members


def shares(counts: Counts) -> tuple[float, float]:
    """Return the lines and the branches that ran, in per cent."""
    lines = counts["covered_lines"] / max(counts["num_statements"], 1)
    branches = counts["covered_branches"] / max(counts["num_branches"], 1)
    return 100 * lines, 100 * branches if counts["num_branches"] else 100.0


def print_missing(coverage: Coverage) -> None:
    """Print the files that are not covered whole."""
    table = io.StringIO()
    coverage.report(file=table, show_missing=True, skip_covered=True)
    print(table.getvalue())


def main() -> int:
    report = Path("build/coverage.json")
    report.parent.mkdir(exist_ok=True)
    coverage = Coverage()
    coverage.load()
    print_missing(coverage)
    coverage.json_report(outfile=str(report))
    members = read_counts(report)
    whole = {count: sum(counts[count] for counts in members.values()) for count in COUNTS}
    print(f"{'member':<22}{'lines %':>10}{'branches %':>12}")
    for name, counts in [*sorted(members.items()), ("in all", whole)]:
        lines, branches = shares(counts)
        print(f"{name:<22}{lines:>10.1f}{branches:>12.1f}")
    held = min(shares(whole)) >= GATE
    print(f"{'ok' if held else 'FAIL'}: at least {GATE} % of the lines and of the branches must run")
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
