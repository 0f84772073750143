"""Processes with the keys of one step and of the next work together; what the old keys signed counts until they go."""

import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from tools.kubernetes.credentials import private_pem
from tools.servers.secret import write_secret

from aktenfluss.kernel import Role, SystemClock
from aktenfluss.servicekit import EmbeddedIssuer, KeyBundle

from .cluster import Cluster, Process, wait_until

STEPS = {"old": ["old"], "learn": ["old", "new"], "sign": ["new", "old"], "new": ["new"]}
"""Which keys a process has, in their order, before the exchange and after each of its steps."""
KEYS = {name: private_pem(ec.generate_private_key(ec.SECP256R1())) for name in ("old", "new")}


class Exchange:
    """An installation whose processes are started with the keys of any step."""

    def __init__(self, cluster: Cluster, folder: Path) -> None:
        self.cluster = cluster
        self._folder = folder
        for step, names in STEPS.items():
            self.write(step, *(KEYS[name] for name in names))

    def write(self, step: str, *pems: bytes) -> None:
        """Give a step its keys; the audit has the issuer's here."""
        folder = self._folder / step / "keys"
        folder.mkdir(mode=0o700, parents=True)
        for name in ("issuer.pem", "audit.pem"):
            write_secret(folder / name, b"".join(pems))

    def settings(self, step: str) -> dict[str, str]:
        secret = " ".join(name * 16 for name in STEPS.get(step, STEPS["new"]))
        objects = f"file://{self._folder}/objects"
        return {"DATA_FOLDER": str(self._folder / step), "OBJECT_STORE_URL": objects, "SECRET": secret}

    @contextmanager
    def process(self, step: str, service: str, **environment: str) -> Iterator[Process]:
        """Run a process that has the keys of `step`."""
        with self.cluster.process(service, **self.settings(step), **environment) as process:
            yield process

    def operator(self, step: str, *command: str) -> tuple[int, str]:
        done = self.cluster.run("standalone", *command, **self.settings(step))
        return done.returncode, " ".join(done.stdout.split())

    def ask(
        self, process: Process, step: str, role: Role, path: str, body: dict[str, object] | None = None
    ) -> httpx.Response:
        """Ask with a token that the first key of `step` signs."""
        issuer = EmbeddedIssuer.open(self._folder / step / "keys", SystemClock())
        with process.client(issuer.mint("test", "offenbach", [role], timedelta(hours=1))) as client:
            return client.post(path, json=body) if body else client.get(path)

    def open_case_file(self, process: Process, step: str) -> str:
        """Make one, and return its number."""
        number = f"K {uuid4().hex[:8]}/20"
        body = {"keeping_authority": "064130", "file_number": number, "family_name": "Öztürk"}
        answer = self.ask(process, step, Role.RECORDS_MANAGER, "/v1/case-files", body)
        assert answer.status_code == 201, answer.text
        return number

    def checkpoints(self) -> int:
        [[count]] = self.cluster.query("audit", "SELECT count(*) FROM audit_checkpoint")
        return int(str(count))


@pytest.fixture
def exchange(cluster: Cluster, data_folder: Path) -> Exchange:
    return Exchange(cluster, data_folder)


@pytest.fixture
def running() -> Iterator[ExitStack]:
    with ExitStack() as running:
        yield running


def test_services_on_both_sides_of_a_step_call_each_other(exchange: Exchange, running: ExitStack) -> None:
    cases = {step: running.enter_context(exchange.process(step, "cases", ROLE="api")) for step in ("learn", "sign")}
    for caller, called in (("learn", "sign"), ("sign", "learn")):
        number = exchange.open_case_file(cases[called], caller)
        peers = json.dumps({"cases": cases[called].base_url, "documents": cases[called].base_url})
        with exchange.process(caller, "scans", PEER_URLS=peers, ROLE="api") as scans:
            order: dict[str, object] = {"name": f"{caller} calls {called}", "file_numbers": [number]}
            answer = exchange.ask(scans, called, Role.RECORDS_MANAGER, "/v1/scan-orders", order)
        assert (order["name"], answer.status_code) == (order["name"], 201), answer.text


def test_what_the_old_keys_signed_counts_until_they_are_taken_away(exchange: Exchange, running: ExitStack) -> None:
    before, after, end = (
        running.enter_context(exchange.process(step, "cases", ROLE="api")) for step in ("learn", "sign", "new")
    )
    exchange.open_case_file(before, "old")
    exchange.open_case_file(before, "old")
    page = "/v1/case-files?limit=1"
    following = f"{page}&cursor={exchange.ask(before, 'old', Role.CLERK, page).json()['next']}"
    assert exchange.ask(after, "old", Role.CLERK, following).status_code == 200
    assert exchange.ask(end, "new", Role.CLERK, page).status_code == 200
    assert exchange.ask(end, "old", Role.CLERK, page).status_code == 401
    refused = exchange.ask(end, "new", Role.CLERK, following)
    assert (refused.status_code, refused.json()["type"]) == (400, "/problems/invalid-cursor")
    assert "the first of 2 that verify" in exchange.operator("sign", "doctor", "--json")[1]


def seal_some(exchange: Exchange, step: str) -> None:
    """Let the audit record and seal an event with the keys of `step`."""
    sealed = exchange.checkpoints()
    with exchange.process(step, "cases") as cases, exchange.process(step, "audit", ROLE="worker") as audit:
        exchange.open_case_file(cases, step)
        wait_until(lambda: exchange.checkpoints() > sealed, audit.popen, audit.log)


def test_the_audit_log_is_verified_with_the_keys_of_all_its_time(exchange: Exchange) -> None:
    for step in ("old", "sign"):
        seal_some(exchange, step)
    assert exchange.operator("sign", "audit", "verify")[0] == 0

    code, told = exchange.operator("new", "audit", "verify")
    old = KeyBundle.of_pem(KEYS["old"], "old.pem").key_id
    assert (code, "checkpoint-key-missing: record 1 of offenbach" in told) == (1, True), told
    assert f"names the key {old}, which audit.pem does not hold" in told

    exchange.write(
        "kept", KEYS["new"], EmbeddedIssuer(KeyBundle.of_pem(KEYS["old"], "old"), SystemClock()).public_pem.encode()
    )
    assert exchange.operator("kept", "audit", "verify")[0] == 0
    exchange.cluster.query("audit", "UPDATE audit_record SET actor = 'nobody' WHERE position = 1 RETURNING 1")
    code, told = exchange.operator("kept", "audit", "verify")
    assert (code, "record-changed: record 1 of offenbach" in told) == (1, True), told
