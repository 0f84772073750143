"""F14 in a cluster: a backup under load, restored into empty databases, an empty bucket and an empty bus; I1 to I5 hold."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from tests.cluster.installation import Cluster

from .cluster_shape import ClusterShape
from .conftest import loaded
from .gate import SETTLE_SECONDS
from .invariants import (
    SERVICES,
    Books,
    Figures,
    check_acknowledged,
    check_audit,
    check_boxes,
    check_bytes,
    check_events,
    check_order,
    check_verification,
)
from .ledger import create_ledger
from .settling import settle

pytestmark = pytest.mark.servers
LOAD_SECONDS = 8
PASSWORD = "read-only-by-name"


@pytest.fixture
def shape(data_folder: Path) -> Iterator[ClusterShape]:
    shape = ClusterShape(data_folder, {"LEDGER": "1"})
    shape.start()
    try:
        for service in SERVICES:
            let_be_read(shape, service)
        yield shape
    finally:
        shape.stop()


def let_be_read(shape: ClusterShape, service: str) -> None:
    """Make the role that reads every authority's rows, as docker/create-databases.sh does, and the ledger."""
    create_ledger(shape.database_url(service))
    owner, reader = sql.Identifier(f"{service}_owner"), sql.Identifier(f"{service}_backup")
    with psycopg.connect(shape.database_url(service), autocommit=True) as connection:
        connection.execute(
            sql.SQL("CREATE ROLE {} LOGIN BYPASSRLS PASSWORD {} IN ROLE {}").format(reader, PASSWORD, owner)
        )
        connection.execute(sql.SQL("ALTER TABLE fault_ledger OWNER TO {}").format(owner))


def settings_of_backup(cluster: Cluster) -> dict[str, str]:
    """Return what the CronJob is told on top: who reads, and where backups are kept."""
    server = cluster.servers.postgres
    return {
        "DATABASE_BACKUP_URL": f"postgresql://{{service}}_backup:{PASSWORD}@{server.host}:{server.port}/{{service}}",
        "BACKUP_URL": cluster.servers.store.bucket_url("backups"),
    }


def operate(settings: Mapping[str, str], *arguments: str) -> str:
    """Run a command of the product as the Job does, and return what it printed."""
    command = [sys.executable, "-m", "aktenfluss.standalone", *arguments]
    done = subprocess.run(command, env=os.environ | settings, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    assert PASSWORD not in done.stdout + done.stderr
    return done.stdout


def lose_everything(cluster: Cluster) -> dict[str, str]:
    """Drop every database, leave the bucket and the topics behind, and return the settings that lead to empty ones."""
    server = cluster.servers.postgres
    with psycopg.connect(server.superuser_url("postgres"), autocommit=True) as connection:
        for service in SERVICES:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(service)))
    for service in SERVICES:
        server.create(service)
    return {
        "OBJECT_STORE_URL": cluster.servers.store.bucket_url("restored"),
        "EVENT_BUS_URL": f"{cluster.settings['EVENT_BUS_URL']}&prefix=restored.",
    }


def test_f14_a_backup_of_a_cluster_under_load_loses_no_event(
    shape: ClusterShape, tmp_path: Path, measured: Callable[[str], None]
) -> None:
    cluster = shape.cluster
    with loaded(shape, tmp_path / "before", 1) as before:
        time.sleep(LOAD_SECONDS)
    assert settle(shape, SETTLE_SECONDS)
    with loaded(shape, tmp_path / "meanwhile", 2):
        shape.targets["audit"].kill()  # so that events are on their way: told, and not applied
        time.sleep(LOAD_SECONDS / 2)
        settings = {**cluster.settings, **settings_of_backup(cluster)}
        began = time.monotonic()
        operate(settings, "backup")
        backed_up = time.monotonic() - began
    for process in shape.processes:
        if shape.targets[process].alive:
            shape.targets[process].kill()

    lost = time.monotonic()
    changed = lose_everything(cluster)
    operate(settings | changed, "restore")
    for process in cluster.processes.values():
        process.settings |= changed
    for name in shape.processes:
        cluster.processes[name].start_again()
    ready = time.monotonic() - lost
    assert settle(shape, SETTLE_SECONDS)
    settled = time.monotonic() - lost

    figures = Figures()
    books = Books(shape)
    check_bytes(shape, books, before.record, figures)
    check_verification(shape, figures)
    assert settle(shape, SETTLE_SECONDS)
    check_acknowledged(books, before.record, figures)
    check_boxes(books, before.record, figures)
    check_events(books, figures)
    check_order(books, figures)
    check_audit(books, before.record, figures, alone=shape.alone)
    times = f"RPO {backed_up:.1f} s (the backup itself), RTO {ready:.1f} s, all events told again after {settled:.1f} s"
    measured(f"F14 cluster: {before.record.acked} answers kept; {times}")
    assert figures.told == []
