"""Counts what a consumer on Kafka should have read and cannot."""

from collections.abc import Iterable

from prometheus_client import CollectorRegistry, Counter


class KafkaLosses:
    """The counters of one process; each begins with 0 where a topic is read, so that the first loss is a rise."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.unreadable = Counter(
            "unreadable_records", "Records on a topic that are no events of this product", ["topic"], registry=registry
        )
        self.expired = Counter(
            "expired_events", "Events that a topic dropped before a service had read them", ["topic"], registry=registry
        )

    def begin(self, topics: Iterable[str]) -> None:
        """Tell of `topics` that nothing is lost."""
        for topic in topics:
            self.unreadable.labels(topic)
            self.expired.labels(topic)
