"""The containers: what compose gives to images, services and the door is what they know and need."""

import importlib
import json
import re
import subprocess
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import yaml

from aktenfluss.kernel import Role
from aktenfluss.servicekit import ServiceSettings
from aktenfluss.standalone.settings import StandaloneSettings

DOCKER = Path(__file__).resolve().parents[2] / "docker"
VARIABLE = re.compile(r"\$\{(\w+)(:[?-][^}]*)?\}")
REALM = json.loads((DOCKER / "keycloak" / "realm.json").read_text())
COMPOSE = (DOCKER / "compose.yaml").read_text()
ASSIGNMENT = re.compile(r"^(\w+)=", re.MULTILINE)


@pytest.fixture(scope="module")
def services():
    return yaml.safe_load(COMPOSE)["services"]


def settings_of(name):
    word = name.partition("-")[0]
    if word == "gateway":
        return ServiceSettings
    if word == "migrate":
        return StandaloneSettings
    return getattr(importlib.import_module(f"aktenfluss.{word}.settings"), f"{word.capitalize()}Settings")


PRODUCT = ["audit", "cases", "documents", "documents-worker", "gateway", "migrate", "scans"]


def test_every_process_of_the_product_is_there(services):
    ours = [name for name, service in services.items() if service["image"].startswith("aktenfluss-")]

    assert sorted(ours) == PRODUCT


@pytest.mark.parametrize("name", PRODUCT)
def test_a_service_is_given_only_what_it_reads(services, name):
    known = {field.upper() for field in settings_of(name).model_fields}

    assert set(services[name]["environment"]) <= known | {"SSL_CERT_FILE"}


@pytest.mark.parametrize("name", PRODUCT)
def test_the_settings_take_the_values(services, name, tmp_path):
    given = {key: VARIABLE.sub("x" * 32, value) for key, value in services[name]["environment"].items()}
    (tmp_path / "environment").write_text("".join(f"{key}='{value}'\n" for key, value in given.items()))

    settings = settings_of(name)(_env_file=tmp_path / "environment")

    assert settings.database_url.get_secret_value() == given["DATABASE_URL"]
    assert set(settings.peer_urls) == {"audit", "cases", "documents", "scans"}


def test_the_door_is_given_what_its_configuration_asks_for(services):
    configuration = (DOCKER / "haproxy.cfg").read_text()
    used = set(re.findall(r"\$\{(DOOR_\w+)\}", configuration))
    optional = set(re.findall(r"(?:presetenv +|defined\()(DOOR_\w+)", configuration))
    given = set(services["door"]["environment"])

    assert used - optional <= given <= used


def test_the_example_names_every_variable(services):
    needed = {name for name, _ in VARIABLE.findall(COMPOSE)}

    assert set(ASSIGNMENT.findall((DOCKER / ".env.example").read_text())) == needed


def test_images_of_others_are_pinned(services):
    foreign = [service["image"] for service in services.values() if not service["image"].startswith("aktenfluss-")]

    assert len(foreign) == 5
    assert [image for image in foreign if not re.fullmatch(r"[a-z/]+:[\w.-]*\d[\w.-]*(@sha256:\w{64})?", image)] == []


def test_a_process_waits_for_what_it_needs(services):
    for name in PRODUCT:
        waits_for = services[name]["depends_on"]
        assert set(waits_for) == ({"postgres", "kafka", "minio"} if name == "migrate" else {"migrate"})


def test_everybody_means_the_same_identity_provider(services):
    issuer = services["keycloak"]["environment"]["KC_HOSTNAME"] + "/realms/" + REALM["realm"]
    aliases = services["keycloak"]["networks"]["default"]["aliases"]

    assert {services[name]["environment"]["AUTH_ISSUER"] for name in PRODUCT} == {issuer}
    assert services["door"]["environment"]["DOOR_ISSUER"] == issuer
    assert services["door"]["environment"]["DOOR_ALGORITHM"] == REALM["defaultSignatureAlgorithm"]
    assert urlsplit(issuer).hostname in aliases


def test_the_realm_is_told_what_it_leaves_open(services):
    left_open = {name for name, _ in VARIABLE.findall((DOCKER / "keycloak" / "realm.json").read_text())}
    told = {name for name in services["keycloak"]["environment"] if not name.startswith("KC_")}

    assert left_open == told


def test_the_realm_has_the_roles_of_the_product():
    assert {role["name"] for role in REALM["roles"]["realm"]} == {role.value for role in Role}


def test_nothing_that_is_prepared_is_committed():
    ignored = subprocess.run(
        ["git", "check-ignore", "docker/.env", "docker/secrets/id.key"],
        cwd=DOCKER.parent,
        capture_output=True,
        check=False,
    )

    assert ignored.returncode == 0
    assert len(ignored.stdout.split()) == 2


def test_a_process_of_the_product_may_do_nothing_but_its_work(services):
    for name in set(PRODUCT) - {"migrate"}:
        assert (services[name]["read_only"], services[name]["cap_drop"]) == (True, ["ALL"])
