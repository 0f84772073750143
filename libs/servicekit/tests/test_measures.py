"""The metrics of a process tell what waits, since when, and what is damaged."""

import asyncio
import os
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.x509 import load_pem_x509_certificates
from fastapi import FastAPI
from prometheus_client import CollectorRegistry, generate_latest
from structlog.testing import capture_logs
from tools.servers.kafka.certificate import make_certificate

from aktenfluss.kernel import Event, Principal, SystemClock
from aktenfluss.servicekit import (
    Health,
    Inbox,
    Measure,
    Relay,
    Service,
    ServiceSettings,
    ServiceUnavailableError,
    Subscriptions,
)
from aktenfluss.servicekit.events.pulse import Pulse
from aktenfluss.servicekit.process import jobs
from aktenfluss.servicekit.process.secrets_report import report_certificates, report_keys
from aktenfluss.testkit import PATIENCE_SECONDS

OFFENBACH = Principal("test:clerk", "offenbach")
LONG_AGO = "UPDATE procrastinate_events SET at = now() - interval '1 hour' WHERE job_id = (SELECT min(id) FROM procrastinate_jobs)"

WAITING_FACTS = """
INSERT INTO outbox (topic, slot, id, key, type, tenant, subject, aggregate_version, actor, correlation_id, occurred_at, payload,
                    created_at)
SELECT 't', 0, gen_random_uuid(), 'k', 't', 'offenbach', 's', n, 'a', 'c', now(), '{}', now() - make_interval(secs => $1 + 1 - n)
FROM generate_series(1, $1) n
"""


async def count_damage() -> float:
    return 3


@pytest.fixture
def registry():
    return CollectorRegistry()


@pytest.fixture
def pulse():
    return Pulse()


@pytest.fixture
def health(address, database, registry, pulse):
    damage = Measure("damaged_things", "Things that are broken", count_damage)
    queue = jobs.open_jobs(address.app_dsn)
    return Health([Service("scratch", FastAPI(), (), database, queue, "", pulse=pulse, measures=(damage,))], registry)


@pytest.fixture
def told(health, registry):
    async def tell(name: str, **labels: str) -> float | None:
        await health.measure()
        return registry.get_sample_value(name, {"service": "scratch", **labels})

    return tell


async def test_jobs_that_wait_are_counted_with_the_age_of_the_oldest(told, database):
    assert (await told("waiting_jobs"), await told("oldest_job_seconds")) == (0, 0)
    for number in range(2):
        async with database.transaction(OFFENBACH) as tx:
            await tx.defer("note", {"number": number})
    async with database.session() as connection:
        await connection.execute(LONG_AGO)
    assert await told("waiting_jobs") == 2
    assert await told("oldest_job_seconds") == pytest.approx(3600, abs=60)


async def test_what_waits_is_counted_up_to_a_limit_and_with_the_age_of_the_oldest(told, database):
    async with database.session() as connection:
        await connection.execute(WAITING_FACTS, 10_001)
    assert await told("outbox_waiting_events") == 10_000
    assert await told("outbox_oldest_seconds") == pytest.approx(10_001, abs=60)


async def test_a_figure_that_cannot_be_had_is_no_reason_not_to_be_ready(address, database, registry):
    async def count() -> float:
        raise ServiceUnavailableError("away")

    measures = (Measure("lost_things", "Things that nobody finds", count),)
    queue = jobs.open_jobs(address.app_dsn)
    health = Health([Service("scratch", FastAPI(), (), database, queue, "", measures=measures)], registry)
    await health.measure()
    assert await health.ready() == {"scratch": True}


async def test_a_service_adds_measures_of_its_own(told):
    assert await told("damaged_things") == 3


async def test_an_inbox_that_has_not_begun_tells_no_age(told, pulse):
    assert await told("inbox_oldest_seconds") is None
    pulse.beat()
    assert await told("inbox_oldest_seconds") == 0


async def test_the_oldest_event_in_hand_is_told(told, pulse):
    now = SystemClock().now()
    pulse.beat()
    pulse.take([now - timedelta(days=1), now - timedelta(days=2)])
    assert await told("inbox_oldest_seconds") == pytest.approx(2 * 86_400, abs=60)
    pulse.take(())
    assert await told("inbox_oldest_seconds") == 0


async def until(condition) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not condition():
            await asyncio.sleep(0.01)


async def test_an_event_that_cannot_be_applied_yet_stays_in_hand(database, bus, add, address, clock, pulse):
    away = True

    async def handle(_: Event) -> None:
        if away:
            raise ServiceUnavailableError("away")

    await add(OFFENBACH, 1)
    await Relay(address.app_dsn, bus, database.committed_facts).drain()
    subscriptions = Subscriptions(frozenset({"scratch"}), {"*": handle})
    reading = asyncio.create_task(Inbox("consumer", database, bus, subscriptions, pulse).run())
    await until(lambda: pulse.oldest == clock.now().timestamp())
    away = False
    await until(lambda: pulse.oldest is None)
    reading.cancel()
    await asyncio.gather(reading, return_exceptions=True)


def test_a_key_is_shown_with_the_time_it_was_written(tmp_path, registry):
    (tmp_path / "issuer.pem").write_text("a key")
    (tmp_path / "secret").write_text("no key")
    os.utime(tmp_path / "issuer.pem", (1_000_000, 1_000_000))
    report_keys(tmp_path, registry)
    assert registry.get_sample_value("key_written_timestamp_seconds", {"key": "issuer"}) == 1_000_000
    assert b'key="secret"' not in generate_latest(registry)


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ({"event_bus_url": "kafka://k:9092?security=tls&ca="}, "kafka"),
        ({"object_store_url": "s3://A:B@h:9/bucket?ca="}, "s3"),
    ],
)
def test_a_certificate_is_shown_with_its_end(tmp_path, registry, url, server):
    make_certificate(tmp_path / "server.pem", tmp_path / "ca.pem")
    report_certificates(settings_with(url, tmp_path / "ca.pem"), registry)
    [certificate] = load_pem_x509_certificates((tmp_path / "ca.pem").read_bytes())
    shown = registry.get_sample_value("certificate_not_after_timestamp_seconds", {"server": server})
    assert shown == certificate.not_valid_after_utc.timestamp()


def test_what_is_no_certificate_is_told_and_no_reason_not_to_start(tmp_path, registry):
    (tmp_path / "ca.pem").write_text("no certificate")
    with capture_logs() as logs:
        report_certificates(
            settings_with({"event_bus_url": "kafka://k:9092?security=tls&ca="}, tmp_path / "ca.pem"), registry
        )
    assert [(line["event"], line["host"]) for line in logs] == [("certificates not read", "kafka")]


def settings_with(url: dict[str, str], authority: Path) -> ServiceSettings:
    return ServiceSettings(**{name: f"{value}{authority}" for name, value in url.items()})
