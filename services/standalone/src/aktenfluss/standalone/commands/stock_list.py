"""Send a stock list to a running installation and show its report."""

from pathlib import Path

import httpx
import orjson
from rich.console import Console

console = Console()
TIMEOUT = httpx.Timeout(30, read=300)
STOPPED = "The import stopped. Send the list again; what is there stays as it is."


def import_file(file: Path, url: str, token: str) -> int:
    """Stream `file`, print the lines that were refused and the summary, and return 1 where one was or it stopped."""
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/x-ndjson"}
    try:
        with (
            file.open("rb") as lines,
            httpx.Client(base_url=url, timeout=TIMEOUT) as client,
            client.stream("POST", "/v1/case-files:import", content=lines, headers=headers) as response,
        ):
            if response.is_error:
                console.print(response.read().decode(), markup=False)
                return 1
            return show_report(response)
    except (httpx.HTTPError, httpx.InvalidURL, orjson.JSONDecodeError) as exc:
        console.print(f"{url}: {type(exc).__name__} {exc}", style="red", markup=False)
        console.print(STOPPED)
        return 1


def show_report(response: httpx.Response) -> int:
    """Print what was refused and what the report adds up to."""
    summary: dict[str, int] = {}
    for line in response.iter_lines():
        entry = orjson.loads(line)
        summary = entry.get("summary", summary)
        if "problem" in entry:
            console.print(f"line {entry.get('line', '-')}: {entry['problem']['detail']}", markup=False)
    if not summary:
        console.print(f"The report has no end. {STOPPED}")
        return 1
    console.print(", ".join(f"{name} {count}" for name, count in summary.items()))
    return 1 if summary.get("rejected") else 0
