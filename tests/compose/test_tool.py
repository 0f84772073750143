"""What the tool decides without an engine: where compose comes from, what differs from its file, what is built again."""

import shutil
import socket

import pytest
import yaml
from tools.compose import images
from tools.compose.images import STAND_INS, key_of
from tools.compose.program import download
from tools.compose.project import START_SECONDS, override, require_port
from tools.images.product import SERVICES
from tools.images.store import ROOT, UnavailableError
from tools.servers import ServerError, free_port

COMPOSE = yaml.safe_load((ROOT / "docker" / "compose.yaml").read_text())["services"]
SERVERS = {"kafka", "keycloak", "postgres"}
PRODUCT = {f"aktenfluss-{service}": f"localhost/aktenfluss-{service}:1" for service in SERVICES}


@pytest.fixture
def overridden():
    return override(COMPOSE, PRODUCT | {service: f"localhost/{service}:1" for service in STAND_INS})["services"]


def test_every_image_of_others_has_a_stand_in():
    foreign = {name for name, service in COMPOSE.items() if not service["image"].startswith("aktenfluss-")}

    assert foreign == set(STAND_INS)


def test_every_service_gets_an_image_from_here_and_a_limit(overridden):
    assert set(overridden) == set(COMPOSE)
    assert {service["mem_limit"] for service in overridden.values()} == {"1g"}
    assert [service for service in overridden.values() if not service["image"].startswith("localhost/")] == []
    assert overridden["documents-worker"]["image"] == PRODUCT["aktenfluss-documents"]


def test_nothing_else_differs_but_the_requests_that_a_person_may_send(overridden):
    others = {key for service in overridden.values() for key in service} - {"image", "mem_limit"}

    assert others == {"environment"}
    assert set(overridden["door"]["environment"]) == {"DOOR_PERSON_REQUESTS"}


def test_a_slow_machine_has_the_time_to_start_before_somebody_is_called_unhealthy():
    periods = {name: seconds_of(service) for name, service in COMPOSE.items() if "healthcheck" in service}

    assert min(periods.values()) >= 180
    assert min(periods[name] for name in SERVERS) >= 300
    assert max(periods[name] for name in SERVERS) + periods["door"] <= START_SECONDS


def seconds_of(service):
    return int(service["healthcheck"]["start_period"].removesuffix("s"))


def test_a_changed_entry_point_is_another_build(tmp_path, monkeypatch):
    shutil.copytree(images.SOURCES, tmp_path / "stand_ins")
    monkeypatch.setattr(images, "SOURCES", tmp_path / "stand_ins")
    before = key_of([])
    with (tmp_path / "stand_ins" / "kafka.sh").open("a") as file:
        file.write("# changed\n")

    assert key_of([]) != before


def test_another_version_of_a_program_is_another_build(tmp_path):
    assert key_of([tmp_path / "kafka-1"]) != key_of([tmp_path / "kafka-2"])


@pytest.mark.skipif(shutil.which("apt-get") is None, reason="there is no apt-get")
def test_without_a_mirror_the_way_out_is_told(tmp_path):
    with pytest.raises(ServerError, match="DEBIAN_MIRROR"):
        download(tmp_path, f"http://127.0.0.1:{free_port()}/debian")


def test_a_port_that_is_taken_is_told_beforehand():
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        with pytest.raises(UnavailableError, match=f"port {port}"):
            require_port(port)

    require_port(port)
