"""Send a stock list to a running installation and show its report."""

from pathlib import Path

import httpx
import orjson
from rich.console import Console

console = Console()
TIMEOUT = httpx.Timeout(30, read=300)


def import_file(file: Path, url: str, token: str) -> int:
    """Stream `file`, print the lines that were refused and the summary, and return 1 where there is one."""
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/x-ndjson"}
    with (
        file.open("rb") as lines,
        httpx.Client(base_url=url, timeout=TIMEOUT) as client,
        client.stream("POST", "/v1/case-files:import", content=lines, headers=headers) as response,
    ):
        if response.is_error:
            console.print(response.read().decode(), markup=False)
            return 1
        return show_report(response)


def show_report(response: httpx.Response) -> int:
    """Print what was refused and what the report adds up to."""
    summary: dict[str, int] = {}
    for line in response.iter_lines():
        entry = orjson.loads(line)
        summary = entry.get("summary", summary)
        if "problem" in entry:
            console.print(f"line {entry.get('line', '-')}: {entry['problem']['detail']}", markup=False)
    if not summary:
        console.print("The report has no end: the import stopped. Send the list again; what is there stays as it is.")
        return 1
    console.print(", ".join(f"{name} {count}" for name, count in summary.items()))
    return 1 if summary.get("rejected") else 0
