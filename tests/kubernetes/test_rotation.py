"""The way into the databases, and the keys of the product, are changed under load, as the documentation tells it."""

import re
import shlex
from pathlib import Path

import httpx
import jwt
import psycopg
import pytest
from psycopg import sql
from tests.cluster.servers import DATABASES
from tests.pages import PAGES, blocks
from tools.servers.secret import write_secret

from aktenfluss.kernel import Role

from .installation import Installation
from .operating import BLOCK_SECONDS, Operator
from .retrying import Patrons
from .waiting import wait_for

pytestmark = pytest.mark.kubernetes
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
    [command] = re.findall(r"^ *kubectl (rollout restart .*)$", (PAGES / "kubernetes.md").read_text(), re.MULTILINE)
    return shlex.split(command)


def test_another_role_enters_the_databases_and_the_old_one_no_more(
    installation: Installation, patrons: Patrons
) -> None:
    before = installation.pods.uids()
    execute(installation, ENTRANT)
    old = installation.settings["DATABASE_URL"]
    installation.settings["DATABASE_URL"] = re.sub(r"_app:[^@]+", "_app_2:rotated", old)
    installation.apply_servers()
    installation.kubectl(*documented_restart())
    wait_for("new pods", lambda: installation.is_ready() and not before & installation.pods.uids(), BLOCK_SECONDS)

    execute(installation, END)
    patrons.wait_for_more(50)
    assert patrons.failures == []


class Exchange:
    """The exchange of the keys as their page tells it, with its commands as they stand there."""

    def __init__(self, installation: Installation, folder: Path) -> None:
        self._installation = installation
        self._operator = Operator(folder, installation.cluster)
        self._beginning, self._take_up, *self._steps = blocks("keys.md", "bash")[:5]

    def begin(self) -> None:
        self._operator.run(self._beginning)

    def do(self, step: int) -> None:
        """Do one of the steps, from 1, and return once no pod of before it is left."""
        before = self._pods()
        self._operator.run(self._take_up + self._steps[step - 1])
        wait_for("new pods alone", lambda: self._installation.is_ready() and not before & self._pods())

    def hand_over(self) -> None:
        """Give the new keys to those who act from outside: their tokens are of the new one from now on."""
        places = {"issuer.new": "keys/issuer.pem", "audit.pem": "keys/audit.pem", "secret.new": "secret"}
        for name, place in places.items():
            write_secret(self._installation.folder / place, (self._operator.folder / name).read_bytes().strip())

    def _pods(self) -> set[str]:
        """Return the pods that run, those that were told to end among them."""
        return set(
            self._installation.kubectl("get", "pods", "--field-selector=status.phase=Running", "-o=name").split()
        )


def asked(installation: Installation, token: str, path: str, **parameters: str) -> httpx.Response:
    headers = {"Authorization": f"Bearer {token}"}
    return httpx.get(f"{installation.base_url}{path}", headers=headers, params=parameters, timeout=60)


def signing_keys(installation: Installation) -> list[str]:
    """Return which keys signed the latest checkpoints, the newest first, each one once."""
    token = installation.token(Role.AUDITOR)
    found = asked(installation, token, "/v1/audit-checkpoints", limit="200").raise_for_status().json()["items"]
    return list(dict.fromkeys(jwt.get_unverified_header(item["signature"])["kid"] for item in found))


def test_every_key_of_the_product_is_exchanged(installation: Installation, patrons: Patrons, tmp_path: Path) -> None:
    exchange = Exchange(installation, tmp_path)
    exchange.begin()
    old = installation.token(Role.CLERK)
    cursor = asked(installation, old, "/v1/case-files", limit="1").json()["next"]
    wait_for("a checkpoint of the old key", lambda: bool(signing_keys(installation)))
    [old_key] = signing_keys(installation)

    exchange.do(1)
    exchange.do(2)
    assert asked(installation, old, "/v1/case-files", limit="1", cursor=cursor).status_code == 200
    patrons.wait_for_more(50)
    wait_for("a checkpoint of the new key", lambda: len(signing_keys(installation)) == 2)
    patrons.end()
    assert patrons.failures == []
    assert signing_keys(installation)[1] == old_key

    check_that_the_old_keys_go(installation, exchange, old)


def check_that_the_old_keys_go(installation: Installation, exchange: Exchange, old: str) -> None:
    """Do the last step under the eyes of clients whose tokens are of the new key."""
    exchange.hand_over()
    later = Patrons(installation)
    later.start()
    exchange.do(3)
    later.wait_for_more(50)
    later.end()
    assert later.failures == []
    assert asked(installation, old, "/v1/case-files").status_code == 401
    verified = asked(installation, installation.token(Role.AUDITOR), "/v1/audit-verification").json()
    assert (verified["ok"], verified["first_bad"]) == (True, None)
