"""What was backed up by the CronJob, and then lost, is there again after the documented Jobs have restored it."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import psycopg
import pytest
import yaml
from psycopg import sql
from tests.acceptance.contractor import Order
from tests.acceptance.door import Door
from tests.acceptance.test_backup import contents_of
from tests.acceptance.test_main_job import AUDITOR, MANAGER
from tests.cluster.servers import DATABASES
from tests.pages import blocks
from tools.kubernetes import network

from aktenfluss.servicekit import ObjectStore, ServiceSettings
from aktenfluss.servicekit.process.installation import open_store

from .filing import file_a_box, open_door
from .installation import Installation
from .operating import Operator
from .release import VALUES
from .retrying import Patrons

pytestmark = pytest.mark.kubernetes
PAGE = "backup-kubernetes.md"
[ROLE] = blocks(PAGE, "sql")
[SETTINGS] = blocks(PAGE, "yaml")
SECRET, UPGRADE, BACK_UP, RESTORE, INSTALL, PROVE = blocks(PAGE, "bash")
JOB = Path(__file__).parents[2] / "deploy" / "backup" / "restore.yaml"
PASSWORD = "read-only-by-name"
LEAP_DAY = "17 1 29 2 *"
"""Instead of the page's every night: one that comes while the tests run would make a backup of its own."""


@dataclass(frozen=True)
class Filed:
    """A box in the case files, and what a clerk and an auditor find of it."""

    order: Order
    seen: dict[str, object]
    records: list[dict[str, object]]


@pytest.fixture(scope="module")
def door(installation: Installation) -> Door:
    return open_door(installation)


@pytest.fixture(scope="module")
def operator(installation: Installation, tmp_path_factory: pytest.TempPathFactory) -> Operator:
    """Give somebody who has put the names of this installation into what the page names."""
    operator = Operator(tmp_path_factory.mktemp("operator"), installation.cluster)
    [image] = {pod.image for pod in installation.pods.of(workload="cases")}
    job = re.sub(r"image: \S+", f"image: {image.replace('-cases:', '-standalone:')}", JOB.read_text())
    (operator.folder / "deploy" / "backup").mkdir()
    (operator.folder / "deploy" / "backup" / "restore.yaml").write_text(job)
    (operator.folder / "our-values.yaml").write_text(yaml.safe_dump(values_with_backup()))
    return operator


def values_with_backup() -> dict[str, object]:
    """Return the values of the tests with those of the page, but for the hour."""
    page = yaml.safe_load(re.sub(r"cidr: [^}]+", f"cidr: {network.ADDRESS}/32", SETTINGS))
    page["backup"]["schedule"] = LEAP_DAY
    values = yaml.safe_load(VALUES.read_text())
    values["networkPolicy"]["egress"] |= page.pop("networkPolicy")["egress"]
    return values | page


@pytest.fixture(scope="module")
def filed(door: Door, tmp_path_factory: pytest.TempPathFactory) -> Filed:
    """Give a box that was brought to the screen before the backup."""
    order, seen = file_a_box(door, tmp_path_factory.mktemp("box") / "BOX-1")
    return Filed(order, seen, records_of(door, order))


def records_of(door: Door, order: Order) -> list[dict[str, object]]:
    """Return what the audit log has of the case files of an order."""
    with door.client(AUDITOR) as auditor, door.client(MANAGER) as manager:
        items = manager.get(f"/v1/scan-orders/{order.id}/items").raise_for_status().json()["items"]
        answers = [auditor.get("/v1/audit-records", params={"key": item["case_file_id"]}) for item in items]
        return [record for answer in answers for record in answer.raise_for_status().json()["items"]]


@pytest.fixture(scope="module")
def backup(installation: Installation, operator: Operator, filed: Filed) -> str:
    """Give what the Job told that the CronJob was asked for, while others worked."""
    let_be_read(installation)
    operator.run(secret_of(installation))
    operator.run(UPGRADE)
    patrons = Patrons(installation)
    patrons.start()
    told = operator.run(BACK_UP)
    patrons.end()
    assert patrons.failures == []
    return told


def let_be_read(installation: Installation) -> None:
    """Make the role of the page in each database."""
    with psycopg.connect(installation.database_url("cases"), autocommit=True) as connection:
        for service in DATABASES:
            connection.execute(ROLE.replace("cases", service).replace("…", PASSWORD).encode())


def secret_of(installation: Installation) -> str:
    """Return the command of the page with what leads to the servers of the tests."""
    server, store = installation.servers.postgres, installation.servers.store
    known = SECRET.replace("PASSWORD@postgres.example:5432", f"{PASSWORD}@{server.host}:{server.port}")
    return re.sub("s3://[^']+", store.bucket_url("backups"), known)


@asynccontextmanager
async def bucket(url: str) -> AsyncIterator[ObjectStore]:
    store = open_store(ServiceSettings(object_store_url=url))
    try:
        yield store
    finally:
        await store.close()


async def objects(url: str) -> dict[str, bytes]:
    """Return every object of a bucket."""
    async with bucket(url) as store:
        keys = [key async for key in store.list("")]
        return {key: b"".join([chunk async for chunk in store.read(key)]) for key in keys}


def contents_in(found: Mapping[str, bytes]) -> dict[str, bytes]:
    return {key: content for key, content in found.items() if key.startswith("contents/")}


def lose_everything(installation: Installation) -> None:
    """Leave empty databases, and the ways to a bucket and to topics that nobody has made yet."""
    installation.release.uninstall()
    server = installation.servers.postgres
    with psycopg.connect(server.superuser_url("postgres"), autocommit=True) as connection:
        for service in DATABASES:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(service)))
    for service in DATABASES:
        server.create(service)
    installation.settings["OBJECT_STORE_URL"] = installation.servers.store.bucket_url("restored")
    installation.settings["EVENT_BUS_URL"] += "&prefix=restored."
    installation.apply_servers()


def test_the_store_of_the_backups_has_every_database_and_every_content(
    installation: Installation, filed: Filed, backup: str
) -> None:
    kept = asyncio.run(objects(installation.servers.store.bucket_url("backups")))
    [manifest] = [json.loads(content) for key, content in kept.items() if key.endswith("/manifest.json")]

    assert manifest["name"] in backup
    assert {service: dump["sha256"] for service, dump in manifest["dumps"].items()} == {
        service: sha256(kept[f"databases/{manifest['name']}/{service}.dump"]).hexdigest() for service in DATABASES
    }
    contents = contents_in(asyncio.run(objects(installation.settings["OBJECT_STORE_URL"])))
    assert contents
    assert {key: kept.get(f"objects/{key}") for key in contents} == contents
    assert PASSWORD not in backup


def test_what_was_lost_is_there_again(
    installation: Installation, operator: Operator, door: Door, filed: Filed, backup: str
) -> None:
    before = contents_in(asyncio.run(objects(installation.settings["OBJECT_STORE_URL"])))
    lose_everything(installation)

    told = operator.run(RESTORE)
    operator.run(INSTALL)
    open_door(installation)

    assert contents_of(door, filed.order) == filed.seen
    records = records_of(door, filed.order)
    assert [record for record in filed.records if record not in records] == []
    assert contents_in(asyncio.run(objects(installation.settings["OBJECT_STORE_URL"]))) == before

    proven = operator.run(PROVE)
    assert "The audit log is sound." in proven
    assert f"{len(before)} contents: " in proven
    assert PASSWORD not in told + proven
