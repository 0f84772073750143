"""`EVENT_BUS_URL` picks the bus; one on Kafka is not needed to start, and costs nothing where it is not named."""

import subprocess
import sys

import pytest
from prometheus_client import CollectorRegistry
from structlog.testing import capture_logs

from aktenfluss.servicekit import ServiceSettings, ServiceUnavailableError, SettingsError, open_installation
from aktenfluss.servicekit.http.logging import AllowedFields
from aktenfluss.servicekit.process.buses import require_bus

NOBODY = "kafka://127.0.0.1:9"


async def test_an_installation_opens_while_its_kafka_is_away(data_folder):
    async with open_installation(ServiceSettings(data_folder=data_folder, event_bus_url=NOBODY)) as installation:
        await installation.require({})
        bus = await installation.open_bus()
        with pytest.raises(ServiceUnavailableError):
            await bus.consumer("reader", {"cases"})


async def test_a_service_that_starts_without_its_kafka_says_so(data_folder):
    async with open_installation(ServiceSettings(data_folder=data_folder, event_bus_url=NOBODY)) as installation:
        with capture_logs(processors=[AllowedFields(CollectorRegistry())]) as logs:
            await require_bus(installation.settings, installation.databases)
    assert [(line["event"], line["error"]) for line in logs] == [("topics not looked at yet", "KafkaConnectionError")]


async def test_migrate_tells_that_kafka_is_away(data_folder):
    async with open_installation(ServiceSettings(data_folder=data_folder, event_bus_url=NOBODY)) as installation:
        with pytest.raises(ServiceUnavailableError, match="event bus"):
            await installation.prepare({})


async def test_a_broken_url_is_refused_before_anything_starts(data_folder):
    settings = ServiceSettings(data_folder=data_folder / "data", event_bus_url="kafka://app:s3cret@")
    with pytest.raises(SettingsError, match="EVENT_BUS_URL") as refused:
        async with open_installation(settings):
            pass
    assert "s3cret" not in f"{refused.value} {settings!r}"
    assert not (data_folder / "data").exists()


def test_the_client_of_kafka_is_not_loaded_without_need():
    code = "import sys, aktenfluss.servicekit; sys.exit('aiokafka' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
