"""The script that prepares an operator's own PostgreSQL: a database and two roles per service, each for itself."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg.errors import InsufficientPrivilege
from tools.servers import PostgresServer

pytestmark = pytest.mark.servers

SCRIPT = Path(__file__).resolve().parents[2] / "docker" / "create-databases.sh"
OWNER, APP, BACKUP = "it's the owner's", "an app's", "for backups alone"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgresServer]:
    """Give a server on which the script ran."""
    with PostgresServer.start(tmp_path_factory.mktemp("postgres")) as server:
        environment = {
            "PATH": f"{PostgresServer.program('psql').parent}:{os.defpath}",
            "PGHOST": "127.0.0.1",
            "PGPORT": str(server.port),
            "PGPASSWORD": server.password,
            "OWNER_PASSWORD": OWNER,
            "APP_PASSWORD": APP,
            "BACKUP_PASSWORD": BACKUP,
        }
        subprocess.run(["bash", SCRIPT], env=environment, check=True, capture_output=True)
        yield server


def enter(server: PostgresServer, database: str, role: str, password: str) -> psycopg.Connection:
    return psycopg.connect(
        host="127.0.0.1", port=server.port, dbname=database, user=role, password=password, autocommit=True
    )


@pytest.mark.parametrize("service", ["audit", "cases", "documents", "scans"])
def test_the_owner_makes_tables_and_the_app_does_not(server: PostgresServer, service: str) -> None:
    with enter(server, service, f"{service}_owner", OWNER) as owner:
        owner.execute("CREATE TABLE made_by_owner (id int)")
    with enter(server, service, f"{service}_app", APP) as app, pytest.raises(InsufficientPrivilege):
        app.execute("CREATE TABLE made_by_app (id int)")


def test_no_service_enters_the_database_of_another(server: PostgresServer) -> None:
    for role, password in (("cases_app", APP), ("cases_owner", OWNER)):
        with pytest.raises(psycopg.OperationalError, match="permission denied"):
            enter(server, "audit", role, password)


def test_the_backup_reads_every_authority_and_the_app_does_not(server: PostgresServer) -> None:
    with enter(server, "scans", "scans_owner", OWNER) as owner:
        owner.execute("CREATE TABLE guarded (tenant_id text); INSERT INTO guarded VALUES ('offenbach')")
        owner.execute("ALTER TABLE guarded ENABLE ROW LEVEL SECURITY; ALTER TABLE guarded FORCE ROW LEVEL SECURITY")
        owner.execute("GRANT SELECT ON guarded TO scans_app")
    for role, password, found in (("scans_app", APP, []), ("scans_backup", BACKUP, [("offenbach",)])):
        with enter(server, "scans", role, password) as reader:
            assert reader.execute("SELECT * FROM guarded").fetchall() == found
    with pytest.raises(psycopg.OperationalError, match="permission denied"):
        enter(server, "audit", "scans_backup", BACKUP)
