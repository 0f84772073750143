"""docker/compose.yaml, brought up: all of it runs, a program signs in as the page says, the acceptance suite passes."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import httpx
import jwt
import pytest
from tests.kubernetes.waiting import wait_for
from tools.compose.project import Project

from aktenfluss.testkit import PATIENCE_SECONDS

pytestmark = [pytest.mark.compose, pytest.mark.xdist_group("compose")]
ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "cluster.md").read_text()
SIGN_IN = re.compile(r"^(\. docker/\.env\n.*?)^```$", re.MULTILINE | re.DOTALL)
PLACES = ("/v1/audit-records", "/v1/case-files", "/v1/contents/any", "/v1/scan-orders")
"""One of each service."""


def sign_in(project: Project) -> str:
    """Return the token that the page's own command gets from Keycloak, once every service knows its key.

    One that has asked a Keycloak in vain that was still starting asks again a minute later, and answers 503 until then.
    """
    (command,) = SIGN_IN.findall(PAGE)
    done = subprocess.run(
        ["bash", "-euc", command], cwd=project.folder.parent, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    token = json.loads(done.stdout)["access_token"]
    wait_for("the key of the provider", lambda: 503 not in {read(project, token, at).status_code for at in PLACES})
    return token


@pytest.fixture
def token(project: Project) -> str:
    return sign_in(project)


def read(project: Project, token: str, place: str = "/v1/case-files") -> httpx.Response:
    headers = {"Authorization": f"Bearer {token}"}
    return httpx.get(f"{project.base_url}{place}", headers=headers, timeout=PATIENCE_SECONDS)


def test_every_process_runs_and_the_migration_has_ended(project: Project) -> None:
    told = [json.loads(line) for line in project("ps", "--all", "--format=json").splitlines()]
    states = {process["Service"]: (process["State"], process["ExitCode"]) for process in told}

    assert states == dict.fromkeys(project.services, ("running", 0)) | {"migrate": ("exited", 0)}


def test_the_door_is_ready_once_compose_says_so(project: Project) -> None:
    assert httpx.get(f"{project.base_url}/ready", timeout=PATIENCE_SECONDS).json() == {"status": "ok"}


def test_a_program_signs_in_and_is_served(project: Project, token: str) -> None:
    answer = read(project, token)

    assert (answer.status_code, answer.json()["items"]) == (200, [])


def test_a_token_that_was_changed_is_refused_at_the_door(project: Project, token: str) -> None:
    head, claims, signature = token.split(".")

    assert read(project, f"{head}.{claims}.{signature[::-1]}").status_code == 401


def test_the_acceptance_suite_passes_through_the_door(project: Project, token: str) -> None:
    known = {
        "BASE_URL": project.base_url,
        "ISSUER": jwt.decode(token, options={"verify_signature": False})["iss"],
        "SIGNING_KEY": project.secrets["SIGNING_KEY"],
        "SIGNING_KEY_ID": jwt.get_unverified_header(token)["kid"],
    }
    command = [sys.executable, "-m", "pytest", "-q", "tests/acceptance"]
    done = subprocess.run(command, cwd=ROOT, env=os.environ | known, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout[-5000:]


def test_what_was_in_it_is_there_after_it_was_down(project: Project, token: str) -> None:
    stock = b'{"keeping_authority": "065200", "file_number": "ABH-1", "family_name": "\xc3\x96zt\xc3\xbcrk"}\n'
    headers = {"Authorization": f"Bearer {token}"}
    url = f"{project.base_url}/v1/case-files:import"
    httpx.post(url, content=stock, headers=headers, timeout=PATIENCE_SECONDS).raise_for_status()
    project("down", "--timeout=20")
    project.up()

    (kept,) = read(project, sign_in(project)).json()["items"]
    assert kept["file_number"] == "ABH-1"
