"""Topics are made as the contracts declare them, and nothing starts on weaker ones."""

import asyncio

import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from aktenfluss.contracts.topics import DAY_MS, TOPICS
from aktenfluss.servicekit import NotPreparedError, ServiceUnavailableError
from aktenfluss.servicekit.events.kafka_topics import (
    SEGMENT_MS,
    administering,
    ensure_topics,
    found_topics,
    name_of,
    require_topics,
)
from aktenfluss.servicekit.events.kafka_url import KafkaAddress
from aktenfluss.servicekit.process.jobs import KEPT_INBOX_DAYS
from aktenfluss.testkit import PATIENCE_SECONDS
from aktenfluss.testkit.event_bus_contract import event

CASES = next(topic for topic in TOPICS if topic.service == "cases")


@pytest.mark.servers
class TestTopics:
    """On a real cluster, each test under its own prefix."""

    @pytest.fixture
    async def admin(self, kafka_address):
        async with administering(kafka_address) as admin:
            yield admin

    async def make(self, admin: AIOKafkaAdminClient, name: str, partitions: int, **settings: str) -> None:
        await admin.create_topics([NewTopic(name, partitions, 1, topic_configs=dotted(settings))])
        await until(lambda: is_there(admin, name))

    async def test_missing_topics_are_told_with_the_way_out(self, kafka_address):
        with pytest.raises(NotPreparedError, match="aktenfluss migrate") as refused:
            await require_topics(kafka_address)
        assert all(f"the topic {name_of(kafka_address, topic)} is missing" in str(refused.value) for topic in TOPICS)

    async def test_migrate_makes_them_as_declared_and_again_changes_nothing(self, kafka_address, admin):
        for _ in range(2):
            await ensure_topics(kafka_address)
            await require_topics(kafka_address)
        name = name_of(kafka_address, CASES)
        found = (await found_topics(admin, [name]))[name]
        assert (found.partitions, found.replication) == (12, 1)
        assert found.own["retention.ms"] == str(14 * 24 * 3600 * 1000)
        assert (found.own["cleanup.policy"], found.own["min.insync.replicas"]) == ("delete", "1")
        assert found.own["segment.ms"] == str(24 * 3600 * 1000)

    async def test_too_few_partitions_are_refused_and_left_alone(self, kafka_address, admin):
        name = name_of(kafka_address, CASES)
        await self.make(admin, name, 11)
        for call in (require_topics, ensure_topics):
            with pytest.raises(NotPreparedError, match=f"{name} has 11 partitions, declared are 12"):
                await call(kafka_address)
        assert (await found_topics(admin, [name]))[name].partitions == 11

    @pytest.mark.parametrize(
        ("setting", "value"),
        [
            ("retention_ms", "3600000"),
            ("segment_ms", "604800000"),
            ("retention_bytes", "1000000"),
            ("cleanup_policy", "compact"),
            ("max_message_bytes", "100000"),
            ("unclean_leader_election_enable", "true"),
        ],
    )
    async def test_a_weaker_setting_is_refused_and_mended_by_migrate(self, kafka_address, admin, setting, value):
        name = name_of(kafka_address, CASES)
        await self.make(admin, name, 12, file_delete_delay_ms="777000", **{setting: value})
        with pytest.raises(NotPreparedError, match=f"{setting.replace('_', '.')}={value}"):
            await require_topics(kafka_address, [CASES])
        await ensure_topics(kafka_address)
        found = (await found_topics(admin, [name]))[name]
        assert found.own["file.delete.delay.ms"] == "777000"  # what the operator set beside it stays

    async def test_a_stronger_topic_is_as_good(self, kafka_address, admin):
        name = name_of(kafka_address, CASES)
        stronger = {
            "retention_ms": "-1",
            "max_message_bytes": str(2**23),
            "min_insync_replicas": "2",
            "segment_ms": "777000",
        }
        await self.make(admin, name, 24, **stronger)
        await ensure_topics(kafka_address)
        assert (await found_topics(admin, [name]))[name].own.items() >= dotted(stronger).items()

    async def test_too_few_brokers_are_told(self, kafka):
        three = KafkaAddress.parse(f"kafka://{kafka.bootstrap}?prefix=three.")
        with pytest.raises(NotPreparedError, match="replication=1"):
            await ensure_topics(three)

    async def test_too_few_copies_are_told(self, kafka, kafka_address):
        await ensure_topics(kafka_address)
        three = KafkaAddress.parse(f"kafka://{kafka.bootstrap}?prefix={kafka_address.prefix}")
        with pytest.raises(NotPreparedError, match="1 copies, declared are 3"):
            await require_topics(three)

    async def test_a_bus_on_missing_topics_ends_instead_of_waiting(self, open_bus, admin, kafka_address):
        bus = open_bus()
        await admin.delete_topics([name_of(kafka_address, CASES)])
        await until(lambda: is_gone(admin, name_of(kafka_address, CASES)))
        with pytest.raises(NotPreparedError, match="is missing"):
            await bus.publish([event("a")])
        with pytest.raises(NotPreparedError, match="is missing"):
            await bus.consumer("reader", {"cases"})


def test_an_inbox_remembers_for_a_week_longer_than_an_event_can_be_read():
    assert all(topic.retention_ms + SEGMENT_MS + 7 * DAY_MS < KEPT_INBOX_DAYS * DAY_MS for topic in TOPICS)


async def test_a_cluster_that_is_not_there_is_waited_for():
    with pytest.raises(ServiceUnavailableError, match="does not answer"):
        await require_topics(KafkaAddress.parse("kafka://127.0.0.1:9"))


def dotted(settings: dict[str, str]) -> dict[str, str]:
    return {name.replace("_", "."): value for name, value in settings.items()}


async def is_there(admin: AIOKafkaAdminClient, name: str) -> bool:
    [answer] = await admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, name)])
    return answer.resources[0][0] == 0 and name in await admin.list_topics()


async def is_gone(admin: AIOKafkaAdminClient, name: str) -> bool:
    return name not in await admin.list_topics()


async def until(condition) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not await condition():
            await asyncio.sleep(0.05)
