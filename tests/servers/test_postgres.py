"""PostgreSQL keeps what was committed over a kill, and gives each service a database that it has for itself."""

import os
import signal

import psutil
import psycopg
import pytest
from tools.servers import PostgresServer
from tools.servers.process import is_gone

pytestmark = pytest.mark.servers


@pytest.fixture(scope="module")
def postgres(tmp_path_factory):
    with PostgresServer.start(tmp_path_factory.mktemp("postgres")) as server:
        yield server


def ask(url, query):
    with psycopg.connect(url, autocommit=True) as connection:
        return connection.execute(query).fetchall()


def test_a_killed_server_comes_back_with_what_was_committed(postgres):
    owner_url, app_url = postgres.create("cases")
    with psycopg.connect(owner_url) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 7 AS number")
        connection.execute("GRANT SELECT ON kept TO cases_app")

    postgres.kill()
    postgres.start_again()

    assert ask(app_url, "SELECT number FROM kept") == [(7,)]


def test_a_server_starts_again_below_a_folder_that_was_closed_to_others_meanwhile(postgres):
    postgres.kill()
    postgres.folder.parent.chmod(0o700)
    postgres.start_again()

    assert ask(postgres.superuser_url("postgres"), "SELECT 1") == [(1,)]


def test_nothing_of_a_killed_server_runs_on(postgres):
    connection = psycopg.connect(postgres.superuser_url("postgres"))
    processes = [psutil.Process(postgres.pid), psutil.Process(connection.info.backend_pid)]

    postgres.kill()

    assert [process for process in processes if not is_gone(process)] == []
    postgres.start_again()
    connection.close()


def test_a_server_whose_postmaster_alone_was_killed_can_be_started(postgres):
    connection = psycopg.connect(postgres.superuser_url("postgres"))

    os.kill(postgres.pid, signal.SIGKILL)
    postgres.start_again()

    connection.close()
    assert ask(postgres.superuser_url("postgres"), "SELECT 1") == [(1,)]


def test_no_role_of_a_service_is_above_row_level_security(postgres):
    postgres.create("audit")

    rights = "SELECT rolsuper, rolbypassrls, rolcreatedb, rolcreaterole FROM pg_roles WHERE rolname LIKE 'audit%'"
    assert ask(postgres.superuser_url("audit"), rights) == [(False, False, False, False)] * 2


def test_a_service_cannot_enter_the_database_of_another(postgres):
    _, app_url = postgres.create("scans")
    postgres.create("documents")

    with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
        psycopg.connect(app_url.removesuffix("scans") + "documents")


def test_nobody_enters_without_the_password(postgres):
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(postgres.superuser_url("postgres").replace(postgres.password, "another"))


def test_one_url_serves_all_services(postgres):
    _, app_url = postgres.create("gateway")

    assert postgres.app_url("{service}").replace("{service}", "gateway") == app_url


def test_pages_have_checksums_and_commits_reach_the_disk(postgres):
    settings = "SELECT current_setting('data_checksums'), current_setting('fsync')"

    assert ask(postgres.superuser_url("postgres"), settings) == [("on", "on")]
