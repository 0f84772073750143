"""F5, F6 and F11: the store is gone, full, or holds other bytes than it was given."""

import os
import random
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import psycopg
import pytest
from tests.acceptance.door import Door

from aktenfluss.kernel import Role

from .conftest import content_of
from .one_process import socket_url

pytestmark = pytest.mark.faults
CONTENTS = 1000
DAMAGED_OF = 100


def rows(door: Door) -> int:
    with psycopg.connect(socket_url(door.data, "documents")) as connection:
        return connection.execute("SELECT count(*) FROM content").fetchone()[0]


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_f5_a_store_that_is_gone_is_told_and_leaves_no_row(door: Door) -> None:
    door.start()
    objects = door.data / "objects"
    path, content = content_of(100_000)
    with door.client(Role.CONTRACTOR) as contractor, door.client(Role.SERVICE) as service:
        assert contractor.put(path, content=content).status_code == 201
        objects.rename(objects.with_name("unplugged"))
        objects.write_text("in its place")
        other, refused_content = content_of(100_000)
        refused = contractor.put(other, content=refused_content)
        read = service.get(path)
        assert (refused.status_code, refused.headers["retry-after"]) == (503, "5")
        assert read.status_code == 503, "a disk that is away is no damage"
        assert rows(door) == 1
        objects.unlink()
        objects.with_name("unplugged").rename(objects)
        assert contractor.put(other, content=refused_content).status_code == 201
        assert service.get(path).content == content


def test_f6_a_full_disk_is_told_leaves_nothing_and_recovers(small_disk: Callable[[int], Path], door: Door) -> None:
    disk = small_disk(3)
    door.launch({"OBJECT_STORE_URL": f"file://{disk}"})
    door.wait_until_ready()
    path, content = content_of(5 << 20)
    with door.client(Role.CONTRACTOR) as contractor, door.client(Role.SERVICE) as service:
        refused = contractor.put(path, content=content)
        assert (refused.status_code, refused.json()["type"]) == (507, "/problems/storage-full")
        assert "retry-after" in refused.headers
        assert [file for file in files(disk) if "audit" not in file.parts] == []
        assert rows(door) == 0
        subprocess.run(["mount", "-o", "remount,size=64m", disk], check=True)
        assert contractor.put(path, content=content).status_code == 201
        assert service.get(path).content == content


@pytest.fixture
def filled(door: Door) -> dict[str, bytes]:
    """Store a thousand contents and return them by their paths."""
    door.start()
    contents = dict(content_of(2000) for _ in range(CONTENTS))
    with door.client(Role.CONTRACTOR) as contractor, ThreadPoolExecutor(8) as pool:
        answers = pool.map(lambda item: contractor.put(item[0], content=item[1]).status_code, contents.items())
        assert set(answers) == {201}
    return contents


def damage(door: Door, contents: dict[str, bytes]) -> list[str]:
    """Flip a bit in some files of the store, cut others; return the paths of their contents."""
    dice = random.Random(int(os.environ.get("FAULTS_SEED", "1")))
    hurt = dice.sample(sorted(contents), CONTENTS // DAMAGED_OF)
    places = {path.read_bytes(): path for path in files(door.data / "objects") if path.stat().st_size == 2000}
    for number, path in enumerate(hurt):
        place = places[contents[path]]
        stored = bytearray(place.read_bytes())
        stored[dice.randrange(len(stored))] ^= 1 << dice.randrange(8)
        place.write_bytes(stored if number % 2 else stored[: dice.randrange(len(stored))])
    return hurt


def scrub(door: Door) -> str:
    command = [sys.executable, "-m", "aktenfluss.standalone", "scrub", "--data", str(door.data)]
    return subprocess.run(command, check=False, capture_output=True, text=True).stdout


def test_f11_every_damaged_content_is_found_and_none_is_served(door: Door, filled: dict[str, bytes]) -> None:
    hurt = damage(door, filled)
    with door.client(Role.SERVICE) as service, door.client(Role.OPERATOR) as operator:
        served = service.get(hurt[0])
        assert (served.is_success, filled[hurt[0]] in served.content) == (False, False)
        said = scrub(door)
        assert f"{CONTENTS} contents: {CONTENTS - len(hurt)} sound, 0 missing, {len(hurt)} changed." in said
        found = operator.get("/v1/scrub-findings", params={"limit": "200"}).raise_for_status().json()["items"]
        assert {f"/v1/contents/{finding['content']}" for finding in found} == set(hurt)
        assert not any(is_served(service, path) for path in hurt)


def is_served(service: httpx.Client, path: str) -> bool:
    return service.get(path).is_success
