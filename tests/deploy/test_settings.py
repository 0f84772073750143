"""The processes are told what they ask for, by the names of their settings, and no secret in plain."""

import os

import pytest
from pydantic import SecretStr
from tests.deploy.chart import service_of

from aktenfluss.audit.settings import AuditSettings
from aktenfluss.cases.settings import CasesSettings
from aktenfluss.documents.settings import DocumentsSettings
from aktenfluss.scans.settings import ScansSettings
from aktenfluss.servicekit import ServiceSettings
from aktenfluss.standalone.settings import StandaloneSettings

SETTINGS = {
    "audit": AuditSettings,
    "cases": CasesSettings,
    "documents": DocumentsSettings,
    "gateway": ServiceSettings,
    "scans": ScansSettings,
    "backup": StandaloneSettings,
    "migrate": StandaloneSettings,
    "smoke": StandaloneSettings,
}
OF_OPENSSL = {"SSL_CERT_FILE"}
OF_THE_CHART = {
    *("DATA_FOLDER", "DATABASE_URL", "DATABASE_OWNER_URL", "OBJECT_STORE_URL", "EVENT_BUS_URL", "SECRET"),
    *("AUTH_ISSUER", "AUTH_AUDIENCE", "AUTH_ROLES_CLAIM", "AUTH_TENANT_CLAIM", "AUDIT_KEY_FILE"),
    *("PEER_URLS", "ROLE", "HOST", "PORT", "BACKUP_URL", "DATABASE_BACKUP_URL"),
    "AUDIT_SERVICES",  # all of them: a service that is not recorded would be a hole
    "OCR_MODEL",  # lies in the image of the worker that recognises text
    "INSTANCE",  # a pod has another name after a restart, and a name that nobody takes up again holds up its events
}
"""Settings that the chart decides, or reads from values and Secrets of its own."""
SECRETS = {"DATABASE_URL", "DATABASE_OWNER_URL", "DATABASE_BACKUP_URL", "BACKUP_URL", "EVENT_BUS_URL", "SECRET"}


def test_every_variable_is_a_setting_of_the_process(manifests):
    strangers = {
        (name, variable)
        for name, pod in manifests.pods.items()
        for variable in manifests.environment(pod).keys() - OF_OPENSSL
        if variable.lower() not in SETTINGS[service_of(pod)].model_fields
    }
    assert strangers == set()


def test_secrets_come_out_of_secrets(manifests):
    for pod in manifests.pods.values():
        told = manifests.environment(pod)
        assert {told[name] for name in SECRETS & told.keys()} <= {None}
    assert manifests.of("Secret") == []


def test_only_migrations_know_the_owner(manifests):
    knowing = [name for name, pod in manifests.pods.items() if "DATABASE_OWNER_URL" in manifests.environment(pod)]
    assert knowing == ["aktenfluss-migrate"]


def test_who_carries_no_events_knows_no_bus(manifests):
    for name, pod in manifests.pods.items():
        told = manifests.environment(pod)
        carries = told.get("ROLE") in {"worker", "all"} or name == "aktenfluss-migrate"
        assert ("EVENT_BUS_URL" in told) == carries, name


def test_a_process_takes_what_it_is_told(manifests, monkeypatch):
    for pod in manifests.pods.values():
        settings = SETTINGS[service_of(pod)]
        for name in [name for name in os.environ if name.lower() in settings.model_fields]:
            monkeypatch.delenv(name)
        for name, value in manifests.environment(pod).items():
            monkeypatch.setenv(name, value if value is not None else "out of a Secret")
        if "OCR_MODEL" in manifests.environment(pod):
            monkeypatch.setenv("OCR_MODEL", __file__)  # its own lies in the image
        taken = settings()
        assert taken.data_folder.as_posix() == "/etc/aktenfluss"
        assert taken.secret in {SecretStr("out of a Secret"), None}


@pytest.mark.parametrize("service", ["audit", "cases", "documents", "gateway", "scans"])
def test_the_schema_has_every_setting_of_a_service(schema, service):
    known = schema["properties"]["services"]["properties"][service]["properties"]["settings"]["properties"]
    asked = {name.upper() for name in SETTINGS[service].model_fields} - OF_THE_CHART
    assert set(known) == asked


@pytest.mark.parametrize("service", ["audit", "cases", "documents", "gateway", "scans"])
def test_the_schema_describes_and_limits_settings_as_the_code_does(schema, service):
    known = schema["properties"]["services"]["properties"][service]["properties"]["settings"]["properties"]
    coded = SETTINGS[service].model_json_schema()["properties"]
    for name, part in known.items():
        limits = schema["$defs"]["settings"][name] if "$ref" in part else part
        told = {key: value for key, value in coded[name.lower()].items() if key not in {"title", "default"}}
        assert limits == told, name


def test_the_schema_has_the_settings_of_all(schema):
    common = {name.upper() for name in ServiceSettings.model_fields} - OF_THE_CHART
    assert set(schema["properties"]["settings"]["properties"]) == common
    assert set(schema["$defs"]["settings"]) == common
