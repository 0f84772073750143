"""The way into the databases is changed under load, as the documentation tells it; no caller notices."""

import re
import shlex
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from tests.cluster.servers import DATABASES

from .installation import Installation
from .retrying import Patrons
from .waiting import wait_for

pytestmark = pytest.mark.kubernetes
PAGE = Path(__file__).parents[2] / "docs" / "operations" / "kubernetes.md"
ENTRANT = "CREATE ROLE {entrant} LOGIN PASSWORD 'rotated' IN ROLE {role}"
END = "ALTER ROLE {role} NOLOGIN"


def execute(installation: Installation, statement: str) -> None:
    """Do the same in the server for each service."""
    with psycopg.connect(installation.database_url("cases"), autocommit=True) as connection:
        for service in DATABASES:
            names = {"role": f"{service}_app", "entrant": f"{service}_app_2"}
            found = {name: sql.Identifier(value) for name, value in names.items()}
            connection.execute(sql.SQL(statement).format(**found))  # type: ignore[arg-type]


def documented_restart() -> list[str]:
    [command] = re.findall(r"^ *kubectl (rollout restart .*)$", PAGE.read_text(), re.MULTILINE)
    return shlex.split(command)


def test_another_role_enters_the_databases_and_the_old_one_no_more(
    installation: Installation, patrons: Patrons
) -> None:
    before = installation.pods.of()
    execute(installation, ENTRANT)
    old = installation.settings["DATABASE_URL"]
    installation.settings["DATABASE_URL"] = re.sub(r"_app:[^@]+", "_app_2:rotated", old)
    installation.apply_servers()
    installation.kubectl(*documented_restart())
    wait_for("new pods", lambda: installation.is_ready() and not set(before) & set(installation.pods.of()))

    execute(installation, END)
    patrons.wait_for_more(50)
    assert patrons.failures == []
