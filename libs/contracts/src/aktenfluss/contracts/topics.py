"""The topics on which services publish: how many partitions, how long kept."""

from dataclasses import dataclass

from aktenfluss.kernel import topic_of

DAY_MS = 24 * 3600 * 1000
MAX_EVENT_BYTES = 4 * 1024 * 1024
"""The largest event that a bus takes; the fullest scan item of 2,000 documents has half a megabyte."""


@dataclass(frozen=True, slots=True)
class Topic:
    """The least that a topic must offer; one that offers more is as good.

    `partitions` is how many consumers of one service can share the work. It is chosen once: the partition of a key
    follows from it, so another number would break the order of every key that has events under way.
    """

    service: str
    partitions: int = 12
    retention_days: int = 14

    @property
    def name(self) -> str:
        return topic_of(self.service)

    @property
    def retention_ms(self) -> int:
        return self.retention_days * DAY_MS


TOPICS = (Topic("audit"), Topic("cases"), Topic("documents"), Topic("scans"))
