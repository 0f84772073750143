"""Killed at any moment, it goes on as if nothing had happened: no item lost, none filed twice, no byte changed."""

import asyncio
import hashlib
import os
import random
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from aktenfluss.delivery import Delivery, ServerUnavailableError
from aktenfluss.kernel import Role
from aktenfluss.testkit import PATIENCE_SECONDS

from .contractor import Order, push
from .door import Door
from .test_main_job import CLERK, CONTRACTOR, MANAGER, balance, open_order, wait_for

ITEMS = 30
PIECE_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class Kill:
    """A moment to kill: `progress` runs from 0 to 1 while pushing, to 2 while checking, to 3 while filing."""

    progress: float
    delay_seconds: float
    with_database: bool


def kills(seed: int) -> list[Kill]:
    """Return kills in every phase, at moments that the seed decides."""
    dice = random.Random(seed)
    moments = sorted(phase + dice.uniform(0.02, 0.9) for phase in (0, 0, 0, 1, 1, 2, 2, 2))
    return [Kill(moment, dice.uniform(0, 0.05), dice.random() < 0.4) for moment in moments]


class Contractor(threading.Thread):
    """Runs the tool again and again until the box is checked, as its documentation says."""

    def __init__(self, door: Door, box: Path) -> None:
        super().__init__(daemon=True)
        self._door, self._box = door, box
        self._token = door.token(CONTRACTOR)
        self.runs = 0
        self.error: BaseException | None = None

    def run(self) -> None:
        try:
            while not self._pushed():
                self.runs += 1
        except BaseException as error:  # noqa: BLE001 - the test raises it
            self.error = error

    def _pushed(self) -> bool:
        try:
            report = asyncio.run(push(self._box, self._door.base_url, self._token, piece_bytes=PIECE_BYTES))
        except ServerUnavailableError:
            return False
        return report.answer.state == "checked"


class Watch:
    """How far a box has come."""

    def __init__(self, door: Door, order: Order, delivery: Delivery) -> None:
        self._contractor, self._manager = door.client(CONTRACTOR), door.client(MANAGER)
        self._delivery, self._order = delivery, order

    def progress(self) -> float:
        answer = self._contractor.get(f"/v1/deliveries/{self._delivery.id}")
        if answer.status_code == 404:
            return 0
        box = answer.raise_for_status().json()
        decided = sum(item["outcome"] != "pending" for item in box["items"])
        filed = self._manager.get(f"/v1/scan-orders/{self._order.id}/reconciliation").json()["filed"]
        return 1 - len(box["missing"]) / len(set(self._delivery.contents.values())) + (decided + filed) / ITEMS

    def wait_for(self, progress: float) -> float:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while (reached := self.progress()) < progress:
            assert time.monotonic() < deadline, f"after a kill it goes no further than {reached:.2f}"
            time.sleep(0.005)
        return reached

    def close(self) -> None:
        self._contractor.close()
        self._manager.close()


@pytest.fixture
def seed() -> int:
    seed = int(os.environ.get("KILL_SEED") or random.SystemRandom().randrange(10_000))
    sys.stdout.write(f"KILL_SEED={seed}\n")
    return seed


@pytest.fixture
def order(own_door: Door) -> Order:
    return open_order(own_door, ITEMS)


@pytest.fixture
def page_counts(order: Order) -> dict[str, list[int]]:
    return {item: [2 + number % 3, 1, 1 + number % 2] for number, item in enumerate(order.items)}


def test_a_box_survives_every_kill(
    own_door: Door, order: Order, page_counts: Mapping[str, Sequence[int]], tmp_path: Path, seed: int
) -> None:
    delivery = order.pack(tmp_path / "BOX-1", page_counts, size_bytes=100_000)
    contractor = Contractor(own_door, tmp_path / "BOX-1")
    contractor.start()
    for kill in kills(seed):
        watch = Watch(own_door, order, delivery)
        reached = watch.wait_for(kill.progress)
        watch.close()
        time.sleep(kill.delay_seconds)
        own_door.kill(with_database=kill.with_database)
        began = time.monotonic()
        own_door.start()
        ready_seconds = time.monotonic() - began
        sys.stdout.write(f"{kill}: at {reached:.2f}, ready in {ready_seconds:.1f} s, {contractor.runs} runs\n")
    wait_for(own_door, order, filed=ITEMS)
    contractor.join(PATIENCE_SECONDS)
    assert (contractor.is_alive(), contractor.error) == (False, None)
    assert balance(own_door, order) == {"listed": ITEMS, "filed": ITEMS, "accepted": 0, "rejected": 0, "missing": 0}
    check_case_files(own_door, order, delivery, page_counts)
    check_events(own_door)
    check_audit(own_door, order)
    check_leftovers(own_door, delivery)


def case_files_of(door: Door, order: Order) -> dict[str, str]:
    with door.client(MANAGER) as manager:
        items = manager.get(f"/v1/scan-orders/{order.id}/items", params={"limit": "200"}).raise_for_status().json()
    return {item["id"]: item["case_file_id"] for item in items["items"]}


def check_case_files(door: Door, order: Order, delivery: Delivery, page_counts: Mapping[str, Sequence[int]]) -> None:
    """Find the documents of each item in its case file, in their order, with the bytes that were pushed."""
    with door.client(CLERK) as clerk, httpx.Client(base_url=door.base_url, timeout=PATIENCE_SECONDS) as anybody:
        for item, case_file in case_files_of(door, order).items():
            entries = clerk.get(f"/v1/case-files/{case_file}/entries").raise_for_status().json()["items"]
            assert [entry["page_count"] for entry in entries] == page_counts[item]
            assert [entry["position"] for entry in entries] == [1, 2, 3]
            pushed = [delivery.contents[f"data/{item}/v1-{number:04d}.pdf"] for number in (1, 2, 3)]
            assert [entry["content"] for entry in entries] == pushed
            for entry in entries:
                body = {"entry_id": entry["id"]}
                grant = clerk.post(f"/v1/case-files/{case_file}/grants", json=body).raise_for_status().json()
                fetched = anybody.get(grant["url"]).raise_for_status().content
                assert f"sha256:{hashlib.sha256(fetched).hexdigest()}" == entry["content"]


def check_events(door: Door) -> None:
    """Wait until no event is left to be told; none could not be applied."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while unsettled := [line for line in metrics(door) if not line.endswith(" 0.0")]:
        assert time.monotonic() < deadline, unsettled
        time.sleep(0.1)


def metrics(door: Door) -> list[str]:
    lines = httpx.get(f"{door.base_url}/metrics", timeout=PATIENCE_SECONDS).text.splitlines()
    found = [line for line in lines if line.startswith(("outbox_waiting_events{", "parked_events{"))]
    assert len(found) == 8
    return found


def check_audit(door: Door, order: Order) -> None:
    """Verify the log, and find each step of each item once."""
    verified = subprocess.run(
        [sys.executable, "-m", "aktenfluss.standalone", "audit", "verify", "--data", str(door.data)],
        check=False,
        capture_output=True,
        text=True,
    )
    assert (verified.returncode, "sound" in verified.stdout) == (0, True), verified.stdout + verified.stderr
    with door.client(Role.AUDITOR) as auditor:
        for case_file in case_files_of(door, order).values():
            params = {"key": case_file, "limit": "200"}
            records = auditor.get("/v1/audit-records", params=params).raise_for_status().json()["items"]
            steps = Counter(record["type"].split(".")[3] for record in records)
            assert (steps["item-accepted"], steps["entries-filed"], steps["item-filed"]) == (1, 1, 1)


def check_leftovers(door: Door, delivery: Delivery) -> None:
    """Find each content once in the store, and what killed writes left only where it is swept."""
    objects = door.data / "objects"
    files = [path for path in objects.rglob("*") if path.is_file() and path.parent.name != ".unfinished"]
    digests = Counter(f"sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}" for path in files)
    assert {content: digests[content] for content in delivery.contents.values()} == dict.fromkeys(
        delivery.contents.values(), 1
    )
    assert not list(door.data.rglob("uploads/**/*.*"))
