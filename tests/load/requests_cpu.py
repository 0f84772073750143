"""CPU per request: the one-row read and the write with outbox, each against a bare route."""

import asyncio
import itertools
import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import httpx

from aktenfluss.kernel import Role, SystemClock
from aktenfluss.servicekit import EmbeddedIssuer

from .client import repeat, request, send_all
from .figures import Figure
from .processes import Process, server

READS, WRITES, ROUNDS = 4_000, 2_000, 3
NUMBERS = itertools.count()


def measure(data: Path) -> list[Figure]:
    """Measure in turn, product and control in each round; the least of each counts, the machine is shared."""
    with (
        server("-m", "tests.load.api_app", "cases", "--data", str(data)) as product,
        server("-m", "tests.load.bare_app", "--data", str(data)) as bare,
    ):
        token = mint(data, Role.RECORDS_MANAGER)
        case_file = create_one(product, token)
        read = lambda _: request("GET", f"/v1/case-files/{case_file}", token)  # noqa: E731
        write = lambda _: request("POST", "/v1/case-files", token, new_case_file())  # noqa: E731
        return [
            ratio("one-row read, CPU", product, bare, Work(read, READS, 200), "<= 2.0", "<= 1.4"),
            ratio("write with outbox, CPU", product, bare, Work(write, WRITES, 201), "<= 2.0", "<= 1.5"),
        ]


class Work:
    """Requests to send and the answer they get."""

    def __init__(self, make: Callable[[int], bytes], count: int, expected: int) -> None:
        self.make, self.count, self.expected = make, count, expected

    def microseconds_of(self, process: Process) -> float:
        """Return the CPU time of one request."""
        begin = process.cpu_seconds()
        asyncio.run(send_all(process.base_url, repeat(self.make, self.count), self.expected))
        return (process.cpu_seconds() - begin) * 1e6 / self.count


def ratio(figure: str, product: Process, bare: Process, work: Work, bar: str, goal: str) -> Figure:
    warm = Work(work.make, work.count // 10, work.expected)
    for process in (product, bare):
        warm.microseconds_of(process)
    rounds = [(work.microseconds_of(product), work.microseconds_of(bare)) for _ in range(ROUNDS)]
    own, control = min(mine for mine, _ in rounds), min(other for _, other in rounds)
    return Figure(figure, own / control, "times bare", f"{own:.0f} µs ÷ {control:.0f} µs", bar, goal)


def mint(data: Path, role: Role) -> str:
    issuer = EmbeddedIssuer.open(data.absolute() / "keys", SystemClock())
    return issuer.mint(f"bench:{role}", "bench", [role], timedelta(hours=3))


def create_one(product: Process, token: str) -> str:
    answer = httpx.post(
        f"{product.base_url}/v1/case-files", content=new_case_file(),
        headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
    )  # fmt: skip
    return answer.raise_for_status().json()["id"]


def new_case_file() -> bytes:
    body = {
        "keeping_authority": "065200",
        "file_number": f"BENCH-{next(NUMBERS)}",
        "family_name": "Öztürk",
        "given_names": "Ayşe",
        "birth_date": "1984-02-29",
    }
    return json.dumps(body).encode()
