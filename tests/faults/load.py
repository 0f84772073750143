"""The main job without end: stock lists, orders, boxes, single contents and clerks, until told to stop."""

import asyncio
import hashlib
import json
import random
import threading
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import aclosing
from pathlib import Path
from string import ascii_uppercase
from uuid import uuid4

from tests.acceptance.contractor import pack_box, split_lead_sheets

from aktenfluss.delivery import PushOptions, ServerUnavailableError, open_client, push_delivery
from aktenfluss.delivery.server import Patience
from aktenfluss.kernel import Role

from .caller import Caller, told
from .record import Box, Record

MANAGER, CLERK, CONTRACTOR, SERVICE = Role.RECORDS_MANAGER, Role.CLERK, Role.CONTRACTOR, Role.SERVICE
SMALL, LARGE = (100_000, 300_000), (1_500_000, 5_000_000)
LARGE_OF = 6
PIECE_BYTES = 1 << 20
HASTY = PushOptions(parallel=3, wait=True, patience=Patience(4, 0.1, 0.5), piece_bytes=PIECE_BYTES)
PAGES = (2, 1, 3)
CORRECTIONS = 5
REST_SECONDS = 0.1
"""How long a client rests after each round: what is killed needs the processor to start again."""
type Worker = Callable[["Load", Caller], Awaitable[None]]


class LoadEndedError(Exception):
    """The clients gave up: one of them was told what a sound product never tells."""


class Load(threading.Thread):
    """Clients that work at the same time, each in a loop, in a thread of their own."""

    def __init__(self, base_url: str, token: Callable[[Role], str], folder: Path, seed: int) -> None:
        super().__init__(daemon=True)
        self.record = Record()
        self.dice = random.Random(seed)
        self.folder = folder
        self.base_url = base_url
        self.ending = threading.Event()
        self._token = token

    def run(self) -> None:
        try:
            asyncio.run(self._work((pack_boxes,) * 3 + (push_contents,) * 2 + (read_files, correct_names)))
        except BaseExceptionGroup as group:
            traceback.print_exception(group)
            self.record.noticed["lost"] += len(group.exceptions)

    def finish(self, patience_seconds: float) -> bool:
        """Let every client finish what it has begun; return whether all have."""
        self.ending.set()
        self.join(patience_seconds)
        return not self.is_alive()

    def end(self, patience_seconds: float) -> None:
        """Let every client finish what it has begun; one that cannot has lost something."""
        self.record.noticed["lost"] += not self.finish(patience_seconds)

    def check(self) -> None:
        """Raise LoadEndedError where the clients ended before their time."""
        if not self.is_alive() and not self.ending.is_set():
            raise LoadEndedError

    async def rounds(self) -> AsyncIterator[None]:
        """Give a client its rounds, with a rest after each, until the load ends."""
        while not self.ending.is_set():
            yield
            await asyncio.sleep(REST_SECONDS)

    def noise(self) -> bytes:
        low, high = LARGE if self.dice.randrange(LARGE_OF) == 0 else SMALL
        return self.dice.randbytes(self.dice.randint(low, high))

    async def _work(self, workers: Sequence[Worker]) -> None:
        async with asyncio.TaskGroup() as group:
            for worker in workers:
                group.create_task(self._with_caller(worker))

    async def _with_caller(self, worker: Worker) -> None:
        async with aclosing(Caller(self.base_url, self._token, self.record)) as caller:
            await worker(self, caller)


async def pack_boxes(load: Load, caller: Caller) -> None:
    """Be an office and its contractor, box after box."""
    async for _ in load.rounds():
        run = uuid4().hex[:10]
        case_files = await import_stock(caller, [f"F-{run}-{number}" for number in range(3)])
        order_id = await open_order(caller, f"Karton {run}", list(case_files))
        items = await items_of(caller, order_id)
        printed = await caller.send("GET", f"/v1/scan-orders/{order_id}/lead-sheets.pdf", MANAGER)
        sheets = dict(zip(items, split_lead_sheets(printed.content), strict=True))
        size = load.dice.randint(*(LARGE if load.dice.randrange(LARGE_OF) == 0 else SMALL))
        folder = load.folder / f"BOX-{run}"
        delivery = await asyncio.to_thread(pack_box, folder, order_id, sheets, dict.fromkeys(items, PAGES), size)
        await push(load, caller, folder)
        contents = {item: [delivery.contents[path] for path in paths_of(item)] for item in items}
        caller.record.boxes.append(Box(delivery.id, order_id, items, contents))
        caller.record.contents.update(digest for documents in contents.values() for digest in documents)


def paths_of(item: str) -> list[str]:
    return [f"data/{item}/v1-{number:04d}.pdf" for number in range(1, len(PAGES) + 1)]


async def import_stock(caller: Caller, numbers: Sequence[str]) -> dict[str, str]:
    """Import case files and return their ids by number."""
    lines = [{"keeping_authority": "065200", "file_number": number, "family_name": "Öztürk"} for number in numbers]
    body = "".join(json.dumps(line) + "\n" for line in lines).encode()
    while True:
        answer = await caller.send("POST", "/v1/case-files:import", MANAGER, content=body)
        assert answer.is_success, answer.text
        outcomes = [json.loads(line) for line in answer.text.splitlines() if line]
        # The status leaves before the lines: a list that breaks off is sent again.
        if outcomes and "summary" in outcomes[-1]:
            break
    found = {outcome["file_number"]: outcome["case_file_id"] for outcome in outcomes[:-1]}
    caller.record.case_files |= found
    return found


async def open_order(caller: Caller, name: str, numbers: Sequence[str]) -> str:
    body = {"name": name, "file_numbers": list(numbers)}
    key = {"Idempotency-Key": uuid4().hex}
    order_id: str = told(await caller.send("POST", "/v1/scan-orders", MANAGER, json=body, headers=key))["id"]
    caller.record.orders[name] = order_id
    return order_id


async def items_of(caller: Caller, order_id: str) -> dict[str, str]:
    """Return the case file of each item."""
    answer = await caller.send(
        "GET", f"/v1/scan-orders/{order_id}/items", MANAGER, audited="scans.order-items-listed", params={"limit": "200"}
    )
    return {item["id"]: item["case_file_id"] for item in told(answer)["items"]}


async def push(load: Load, caller: Caller, folder: Path) -> None:
    """Run the contractor's tool until it says that the delivery is checked."""
    async with open_client(load.base_url, caller.token(CONTRACTOR), HASTY.parallel) as client:
        while True:
            try:
                report = await push_delivery(folder, client, HASTY)
            except ServerUnavailableError:
                continue
            if report.answer.state == "checked":
                return


async def push_contents(load: Load, caller: Caller) -> None:
    """Push contents that belong to no box, some in chunks, some with a wrong byte at first; read some back."""
    async for _ in load.rounds():
        content = load.noise()
        digest = f"sha256:{hashlib.sha256(content).hexdigest()}"
        if load.dice.random() < 0.2:
            await push_wrong(caller, digest, content)
        if len(content) > PIECE_BYTES:
            await push_chunks(caller, digest, content)
        else:
            told(await caller.send("PUT", f"/v1/contents/{digest}", CONTRACTOR, content=content))
        caller.record.contents.add(digest)
        if load.dice.random() < 0.3:
            await read_back(caller, digest)


async def push_wrong(caller: Caller, digest: str, content: bytes) -> None:
    wrong = content[:-1] + bytes([content[-1] ^ 1])
    answer = await caller.send("PUT", f"/v1/contents/{digest}", CONTRACTOR, content=wrong)
    caller.record.noticed["bad_bytes"] += answer.is_success


async def push_chunks(caller: Caller, digest: str, content: bytes) -> None:
    """Send chunks; the server says where to go on."""
    path, start = f"/v1/contents/{digest}", 0
    while True:
        end = min(start + PIECE_BYTES, len(content))
        headers = {"Content-Range": f"bytes {start}-{end - 1}/{len(content)}"}
        answer = await caller.send("PUT", path, CONTRACTOR, content=content[start:end], headers=headers)
        if answer.status_code in (200, 201):
            return
        assert answer.status_code in (202, 409), answer.text
        start = int((await caller.send("HEAD", path, CONTRACTOR)).headers.get("Upload-Offset", 0))


async def read_back(caller: Caller, digest: str) -> None:
    answer = await caller.send("GET", f"/v1/contents/{digest}", SERVICE, audited="documents.content-read")
    caller.record.noticed["bad_bytes"] += f"sha256:{hashlib.sha256(answer.content).hexdigest()}" != digest


async def read_files(load: Load, caller: Caller) -> None:
    """Be a clerk: look at the files that are full, fetch what is in them."""
    async for _ in load.rounds():
        if not caller.record.boxes:
            continue
        box = load.dice.choice(caller.record.boxes)
        await read_case_file(caller, load.dice.choice(list(box.case_files.values())))


async def correct_names(load: Load, caller: Caller) -> None:
    """Be a manager who corrects a name some times in a row: events of one key that are close to each other."""
    async for _ in load.rounds():
        if not caller.record.case_files:
            continue
        case_file = load.dice.choice(list(caller.record.case_files.values()))
        current = await caller.send("GET", f"/v1/case-files/{case_file}", CLERK, audited="cases.case-file-read")
        version: str | None = current.headers["ETag"]
        for _ in range(CORRECTIONS):
            version = version and await rename(
                caller, case_file, version, "".join(load.dice.choices(ascii_uppercase, k=8))
            )


async def read_case_file(caller: Caller, case_file: str) -> None:
    place = f"/v1/case-files/{case_file}"
    await caller.send("GET", place, CLERK, audited="cases.case-file-read")
    answer = await caller.send("GET", f"{place}/entries", CLERK, audited="cases.entries-listed")
    for entry in told(answer)["items"][:1]:
        grant = await caller.send(
            "POST", f"{place}/grants", CLERK, audited="cases.grant-issued", json={"entry_id": entry["id"]}
        )
        fetched = await caller.send("GET", told(grant)["url"], audited="documents.content-read")
        right = fetched.is_success and f"sha256:{hashlib.sha256(fetched.content).hexdigest()}" == entry["content"]
        # A grant lasts for a minute or so; a longer outage is no damage.
        caller.record.noticed["bad_bytes"] += not right and fetched.status_code not in (401, 403)


async def rename(caller: Caller, case_file: str, version: str, name: str) -> str | None:
    """Change a case file and return its new version; None where somebody was faster, perhaps an attempt of our own."""
    headers = {"If-Match": version, "Content-Type": "application/merge-patch+json"}
    body = json.dumps({"given_names": name}).encode()
    answer = await caller.send("PATCH", f"/v1/case-files/{case_file}", MANAGER, content=body, headers=headers)
    if answer.status_code == 412:
        return None
    told(answer)
    caller.record.changes[case_file, int(answer.headers["ETag"].strip('"'))] = name
    return answer.headers["ETag"]
