"""`aktenfluss doctor` on real servers, each of which is made wrong or away in turn."""

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from aktenfluss.servicekit.events.kafka_topics import administering
from aktenfluss.servicekit.events.kafka_url import KafkaAddress
from aktenfluss.testkit import PATIENCE_SECONDS

from .installation import migrate
from .servers import Servers

pytestmark = pytest.mark.servers
TOPIC = "aktenfluss.cases.v1"


@dataclass
class Site:
    """Servers on which everything was migrated."""

    servers: Servers
    settings: Mapping[str, str]

    def doctor(self, **changed: str) -> dict[str, tuple[str, str, str]]:
        """Return outcome, what was seen and what to do, by the name of the check."""
        command = [sys.executable, "-m", "aktenfluss.standalone", "doctor", "--json"]
        environment = os.environ | self.settings | changed
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, check=False, timeout=PATIENCE_SECONDS
        )
        assert done.returncode in {0, 1}, done.stderr
        secrets = (self.servers.postgres.password, self.servers.store.secret_key)
        assert not any(secret in done.stdout + done.stderr for secret in secrets)
        told = json.loads(done.stdout)
        assert done.returncode == (told["outcome"] == "failure")
        return {one["name"]: (one["outcome"], one["seen"], one["way_out"]) for one in told["findings"]}

    def failures(self, **changed: str) -> dict[str, str]:
        """Return what to do about each failure."""
        return {name: way_out for name, (outcome, _, way_out) in self.doctor(**changed).items() if outcome == "failure"}


@pytest.fixture(scope="module")
def site(shared_data_folder: Path) -> Iterator[Site]:
    folder = shared_data_folder / "doctor"
    folder.mkdir()
    servers = Servers.start(folder)
    settings = {**servers.settings, "DATA_FOLDER": str(folder)}
    migrate(settings)
    yield Site(servers, settings)
    servers.stop()


def test_a_cluster_as_it_must_be_has_no_failures(site: Site, measured: Callable[[str], None]) -> None:
    begun = time.monotonic()
    told = site.doctor()
    seconds = time.monotonic() - begun
    assert {name for name, (outcome, *_) in told.items() if outcome == "failure"} == set()
    assert told["bus"] == ("ok", "Kafka, topics with partitions, copies and retention as declared", "")
    assert told["bus copies"][0] == "ok"
    assert told["bus brokers"] == ("ok", "1 running, enough for replication=1", "")
    assert told["store"][0] == "warning"  # MinIO's bucket has no versions unless it is asked for them
    assert "store" in told["clock"][1]
    measured(f"doctor: {len(told)} checks in {seconds:.1f} s")


def test_a_topic_that_keeps_events_too_shortly_is_named(site: Site) -> None:
    retention(site, 3_600_000)
    outcome, seen, way_out = site.doctor()["bus"]
    assert (outcome, way_out) == ("failure", "Run `aktenfluss migrate`.")
    assert f"{TOPIC} has retention.ms=3600000, declared is 1209600000" in seen
    migrate(site.settings)
    assert site.doctor()["bus"][0] == "ok"


def retention(site: Site, milliseconds: int) -> None:
    change(site, ConfigResource(ConfigResourceType.TOPIC, TOPIC, {"retention.ms": str(milliseconds)}))


def change(site: Site, resource: ConfigResource) -> None:
    async def alter() -> None:
        async with administering(KafkaAddress.parse(site.settings["EVENT_BUS_URL"])) as admin:
            await admin.alter_configs([resource])

    asyncio.run(alter())


def test_more_copies_than_a_cluster_has_brokers_are_told(site: Site) -> None:
    url = site.settings["EVENT_BUS_URL"].replace("replication=1", "replication=3")
    told = site.doctor(EVENT_BUS_URL=url)
    assert f"{TOPIC} has 1 copies, declared are 3" in told["bus"][1]
    assert told["bus brokers"][:2] == ("warning", "1 running, asked for are 3 copies")


def test_a_topic_that_takes_no_event_for_want_of_copies_is_told(site: Site) -> None:
    change(site, ConfigResource(ConfigResourceType.TOPIC, TOPIC, {"min.insync.replicas": "2"}))
    try:
        outcome, seen, _ = site.doctor()["bus copies"]
    finally:
        change(site, ConfigResource(ConfigResourceType.TOPIC, TOPIC, {"min.insync.replicas": "1"}))
        migrate(site.settings)
    assert (outcome, f"too few copies in sync to take an event: 12 partitions ({TOPIC}-" in seen) == ("failure", True)


def test_a_broker_that_may_forget_events_is_told(site: Site) -> None:
    change(site, ConfigResource(ConfigResourceType.BROKER, "1", {"unclean.leader.election.enable": "true"}))
    try:
        outcome, seen, _ = site.doctor()["bus brokers"]
    finally:
        change(site, ConfigResource(ConfigResourceType.BROKER, "1", {}))
    assert (outcome, "unclean.leader.election.enable=true" in seen) == ("warning", True)


def test_topics_that_nobody_made_are_named(site: Site) -> None:
    outcome, seen, _ = site.doctor(EVENT_BUS_URL=f"{site.settings['EVENT_BUS_URL']}&prefix=other.")["bus"]
    assert (outcome, f"the topic other.{TOPIC} is missing" in seen) == ("failure", True)


@pytest.mark.parametrize(
    ("server", "names"),
    [
        ("kafka", {"bus"}),
        ("store", {"store"}),
        ("postgres", {f"database {n}" for n in ("audit", "cases", "documents", "scans")}),
    ],
)
def test_a_server_that_is_away_is_named_and_the_others_are_still_looked_at(
    site: Site, server: str, names: set[str]
) -> None:
    process = getattr(site.servers, server)
    process.stop()
    try:
        told = site.doctor()
    finally:
        process.start_again()
    assert {name for name, (outcome, *_) in told.items() if outcome == "failure"} == names
    assert "own key" in told


def test_a_missing_bucket_is_told(site: Site) -> None:
    url = site.servers.store.bucket_url("nobody-made-it")
    assert site.failures(OBJECT_STORE_URL=url) == {"store": "Run `aktenfluss migrate`."}


def test_wrong_keys_of_the_store_are_told_by_its_code(site: Site) -> None:
    url = site.settings["OBJECT_STORE_URL"].replace(site.servers.store.secret_key, "wrong")
    outcome, seen, _ = site.doctor(OBJECT_STORE_URL=url)["store"]
    assert (outcome, "SignatureDoesNotMatch" in seen or "AccessDenied" in seen) == ("failure", True)


def test_an_app_that_works_as_the_owner_is_told(site: Site) -> None:
    failures = site.failures(DATABASE_URL=site.settings["DATABASE_OWNER_URL"])
    assert set(failures) == {f"rights {name}" for name in ("audit", "cases", "documents", "scans")}


def test_a_wrong_password_is_told_and_not_repeated(site: Site) -> None:
    url = site.settings["DATABASE_URL"].replace("_app:", f"_app:{quote('not this ')}")
    told = site.doctor(DATABASE_URL=url)["database cases"]
    assert (told[0], "password authentication failed" in told[1]) == ("failure", True)


def test_more_connections_than_the_server_has_are_told(site: Site) -> None:
    assert set(site.failures(DATABASE_POOL_SIZE="60")) == {"connections"}


def test_a_schema_of_before_is_told(site: Site) -> None:
    newest = set_revision(site, "0000")
    try:
        assert site.failures() == {"schema scans": "Run `aktenfluss migrate`."}
    finally:
        set_revision(site, newest)


def set_revision(site: Site, revision: str) -> str:
    """Let the schema of scans say so, and return what it said."""
    with psycopg.connect(site.servers.postgres.superuser_url("scans"), autocommit=True) as connection:
        before = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        connection.execute("UPDATE alembic_version SET version_num = %s", [revision])
    return before[0]


def test_a_setting_that_names_nothing_is_told(site: Site) -> None:
    assert set(site.failures(OBJECT_STORE_URL="s3://store/bucket")) == {"settings"}
