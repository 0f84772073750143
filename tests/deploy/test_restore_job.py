"""The Job that restores is like the pods of the chart: restricted, told what it asks for, the secrets by name."""

from pathlib import Path

import pytest
from tests.deploy.chart import Manifests, key_files
from tools.chart.manifests import own_faults, read
from tools.chart.renderings import KUBERNETES

from aktenfluss.standalone.settings import StandaloneSettings

ROOT = Path(__file__).resolve().parents[2]
NEEDED = {"DATABASE_URL", "DATABASE_OWNER_URL", "OBJECT_STORE_URL", "EVENT_BUS_URL", "SECRET", "BACKUP_URL"}


@pytest.fixture
def job() -> Manifests:
    return Manifests(read(ROOT / "deploy" / "backup" / "restore.yaml"))


def test_kubernetes_knows_every_field(job):
    assert list(own_faults(job.objects, KUBERNETES)) == []


def test_it_is_told_what_restore_asks_for_and_secrets_by_their_names(job):
    (pod,) = job.pods.values()
    told = job.environment(pod)
    assert {name for name, value in told.items() if value is None} == NEEDED
    assert all(name.lower() in StandaloneSettings.model_fields for name in told)
    assert (pod["spec"]["containers"][0]["command"], key_files(pod)) == (
        ["aktenfluss", "restore"],
        {"audit.pem", "issuer.pem"},
    )


def test_it_is_as_restricted_as_the_migrations(job, manifests):
    (pod,) = job.pods.values()
    other = manifests.pods["aktenfluss-migrate"]
    for of in (lambda found: found["spec"], lambda found: found["spec"]["containers"][0]):
        assert of(pod)["securityContext"] == of(other)["securityContext"]
    assert not pod["spec"]["automountServiceAccountToken"]


def test_by_its_other_name_it_is_the_doctor(tmp_path):
    file = tmp_path / "doctor.yaml"
    file.write_text((ROOT / "deploy" / "backup" / "restore.yaml").read_text().replace("restore", "doctor"))
    [job] = read(file)
    container = job["spec"]["template"]["spec"]["containers"][0]
    assert (job["metadata"]["name"], container["command"]) == ("aktenfluss-doctor", ["aktenfluss", "doctor"])
    assert list(own_faults([job], KUBERNETES)) == []
