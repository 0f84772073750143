"""Every service that publishes has its topic."""

import importlib
import pkgutil

from aktenfluss import contracts
from aktenfluss.contracts.topics import TOPICS
from aktenfluss.kernel import EventData


def test_every_publisher_has_one_topic_and_nobody_else():
    for module in pkgutil.iter_modules(contracts.__path__):
        importlib.import_module(f"{contracts.__name__}.{module.name}")
    publishers = {
        event.type.split(".")[2]
        for event in EventData.__subclasses__()
        if event.__module__.startswith("aktenfluss.contracts")
    }
    assert sorted(topic.service for topic in TOPICS) == sorted(publishers)


def test_a_topic_keeps_its_events_for_two_weeks():
    assert {topic.retention_ms for topic in TOPICS} == {1_209_600_000}
