"""Clients at work that try a request twice and no more: what fails both times is a failure that a user sees."""

import json
import threading
import time
from collections import Counter
from collections.abc import Callable
from typing import Protocol
from uuid import uuid4

import httpx

from aktenfluss.kernel import Role

from .waiting import wait_for

PAUSE_SECONDS = 0.5
"""Between the two tries."""
REST_SECONDS = 0.05
"""Between two requests: what is changed meanwhile needs the cores too."""


class Door(Protocol):
    """Where the clients knock."""

    base_url: str

    def token(self, role: Role) -> str: ...


class Patrons:
    """A clerk who searches and reads, and a manager who takes in case files, with hardly a rest."""

    def __init__(self, door: Door) -> None:
        self.answers: Counter[str] = Counter()
        self.failures: list[str] = []
        self._door = door
        self._ending = threading.Event()
        self._threads = [threading.Thread(target=work, daemon=True) for work in (self._search, self._take_in)]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()
        self.wait_for_more(10)

    def end(self) -> None:
        self._ending.set()
        for thread in self._threads:
            thread.join()

    def wait_for_more(self, count: int) -> None:
        """Return once so many more requests were answered."""
        before = self.answers["answered"]
        wait_for(f"{count} answers more", lambda: self.answers["answered"] >= before + count)

    def _search(self) -> None:
        self._work(Role.CLERK, lambda client: client.get("/v1/case-files", params={"name": "ozturk"}))

    def _take_in(self) -> None:
        self._work(Role.RECORDS_MANAGER, take_in)

    def _work(self, role: Role, request: Callable[[httpx.Client], httpx.Response]) -> None:
        headers = {"Authorization": f"Bearer {self._door.token(role)}"}
        with httpx.Client(base_url=self._door.base_url, headers=headers, timeout=30) as client:
            while not self._ending.wait(REST_SECONDS):
                self._ask(client, request)

    def _ask(self, client: httpx.Client, request: Callable[[httpx.Client], httpx.Response]) -> None:
        """Try twice, and count how it went."""
        first = attempt(client, request)
        if first:
            self.answers["tried again"] += 1
            time.sleep(PAUSE_SECONDS)
            if second := attempt(client, request):
                self.failures.append(f"{first}; then {second}")
                return
        self.answers["answered"] += 1


def attempt(client: httpx.Client, request: Callable[[httpx.Client], httpx.Response]) -> str:
    """Return what went wrong, nothing where it went well."""
    try:
        answer = request(client)
    except httpx.TransportError as exc:
        return repr(exc)
    return "" if answer.is_success else f"{answer.request.method} {answer.status_code} {answer.text[:300]}"


def take_in(client: httpx.Client) -> httpx.Response:
    line = {"keeping_authority": "065200", "file_number": f"K-{uuid4().hex[:10]}", "family_name": "Öztürk"}
    return client.post("/v1/case-files:import", content=json.dumps(line).encode())
